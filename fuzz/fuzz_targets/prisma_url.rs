//! Parses database URLs of sqlx and Prisma: no panic, no password in an error, and names are kept unchanged.
#![no_main]

use std::{error::Error, fmt::Debug};

use adapter_prisma_compatible::{mysql, postgres, sqlite, sqlx};
use libfuzzer_sys::fuzz_target;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

const SECRET: &str = "hunter2";

// The text before and after the password.
fuzz_target!(|input: &str| {
    let (start, end) = input.split_once('\x1f').unwrap_or(("", input));
    // The names of parameters are not secret, and errors may contain them.
    if !start.contains('?') {
        let url = format!("{start}{SECRET}{end}");
        refuses_quietly(sqlite::connect_options(&url));
        refuses_quietly(postgres::connect_options(&url));
        refuses_quietly(mysql::connect_options(&url));
    }
    let (user, database) = (start, end);
    let escape = |text| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    // A path with folders does not name a database, even if it is escaped.
    if user.is_empty() || ["", ".", ".."].contains(&database) {
        return;
    }
    let place = format!("{}:{SECRET}@localhost:9/{}", escape(user), escape(database));
    let options = postgres::connect_options(&format!("postgresql://{place}?connection_limit=2")).expect("a whole url");
    assert_eq!((options.get_username(), options.get_database()), (user, Some(database)));
    if let Ok(options) = postgres::connect_options(&format!("postgresql://{place}?schema={}", escape(database))) {
        // One setting with one quoted name as its value. A backslash escapes white space.
        let setting = options.get_options().expect("the search path").replace('\\', "");
        assert_eq!(setting, format!("-c search_path=\"{database}\""));
        assert!(!database.contains(['"', '\'', ';', '\0', '\n']));
    }
    let options = mysql::connect_options(&format!("mysql://{place}?connection_limit=2")).expect("a whole url");
    assert_eq!((options.get_username(), options.get_database()), (user, Some(database)));
    let file = escape(database).replace('%', "_");
    let options = sqlite::connect_options(&format!("file:{file}?connection_limit=2")).expect("a whole url");
    assert_eq!(options.get_filename().to_str(), Some(file.as_str()));
});

fn refuses_quietly<T: Debug>(outcome: Result<T, sqlx::Error>) {
    if let Err(error) = outcome {
        let source = error.source().map(ToString::to_string);
        assert!(!format!("{error:?} {error} {source:?}").contains(SECRET), "{error:?}");
    }
}
