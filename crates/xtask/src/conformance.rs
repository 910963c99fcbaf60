use crate::{steps::Steps, tree};

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
    let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
    let Some(database) = DATABASES.iter().find(|database| database.schemes.contains(&scheme)) else {
        return steps.step("the URL", || Err("the URL must begin with postgres:// or mysql://".to_owned()));
    };
    for (driver, target, cases) in
        [("sqlx", database.target, None), ("Diesel", "conformance_diesel", Some(database.name))]
    {
        let mut tests = tree::cargo();
        tests.args(["test", "-p", "adapter-prisma-compatible", "--all-features", "--locked", "--test", target, "--"]);
        steps.command(driver, tests.args(cases).env(database.variable, url));
    }
}
