use std::process::{Command, Stdio};

use crate::{
    steps::{Steps, execute},
    tree,
};

/// A kind of database.
struct Database {
    schemes: [&'static str; 2],
    /// The variable that names a server to the tests.
    variable: &'static str,
    /// The test target for sqlx.
    target: &'static str,
    /// The start of the names of its cases in the target for Diesel.
    name: &'static str,
}

const DATABASES: [Database; 2] = [
    Database {
        schemes: ["postgres", "postgresql"],
        variable: "LUCIA_TEST_POSTGRES_URL",
        target: "conformance_postgres",
        name: "postgres",
    },
    Database {
        schemes: ["mysql", "mariadb"],
        variable: "LUCIA_TEST_MYSQL_URL",
        target: "conformance_mysql",
        name: "mysql",
    },
];

/// Runs the suite with sqlx and with Diesel, on tables with foreign keys and without.
pub(crate) fn run(steps: &mut Steps, url: &str) {
    let database = match Database::of(url) {
        Ok(database) => database,
        Err(error) => {
            steps.step("the URL", || Err(error));
            return;
        }
    };
    // Before the suite, the target connects. It lists the cases only if that succeeds.
    let mut listing = database.tests(database.target, url);
    listing.arg("--list").stdout(Stdio::null());
    let connection = steps.step("the connection", move || {
        execute(&mut listing).map_err(|_| "the database cannot be used: see above".to_owned())
    });
    let mut sqlx = database.tests(database.target, url);
    steps.after(connection, "sqlx", move || execute(&mut sqlx));
    let mut diesel = database.tests("conformance_diesel", url);
    diesel.arg(database.name);
    steps.after(connection, "Diesel", move || execute(&mut diesel));
}

impl Database {
    fn of(url: &str) -> Result<&'static Self, String> {
        const NEEDED: &str = "the URL must begin with `postgres://`, `postgresql://`, `mysql://` or `mariadb://`";
        let (scheme, _) = url.split_once("://").ok_or(NEEDED)?;
        let database = DATABASES.iter().find(|database| database.schemes.contains(&scheme));
        database.ok_or_else(|| format!("{NEEDED}, not with `{scheme}://`"))
    }

    /// Returns the command that runs the cases of a target on the database at the URL.
    fn tests(&self, target: &str, url: &str) -> Command {
        let mut tests = tree::cargo();
        tests.args(["test", "-p", "adapter-prisma-compatible", "--all-features", "--locked", "--test", target, "--"]);
        tests.env(self.variable, url);
        tests
    }
}
