//! The same commands on Postgres and MariaDB, with the rows that Prisma Client and Lucia JS wrote.

use adapter_prisma_compatible::{mysql, postgres, sqlx};
use test_servers::{mysql_server, postgres_server};

use crate::support::{ALICE, run, run_with_input};

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../../../adapter-prisma-compatible/tests/fixtures/", $name))
    };
}

#[tokio::test]
async fn postgres_is_looked_after() {
    let server = postgres_server().unwrap().start().unwrap();
    let url = format!("postgres://lucia:lucia@127.0.0.1:{}/postgres", server.port());
    let pool = postgres::connect(&url).await.unwrap();
    for sql in [fixture!("postgres/lucia.sql"), fixture!("postgres/lucia_data.sql")] {
        sqlx::raw_sql(sql).execute(&pool).await.unwrap();
    }
    look_after(&url, "Postgres", async |sql| {
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&pool).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn mariadb_is_looked_after() {
    let server = mysql_server().unwrap().start().unwrap();
    let admin = mysql::connect(&format!("mysql://lucia:lucia@127.0.0.1:{}/mysql", server.port())).await.unwrap();
    sqlx::raw_sql("CREATE DATABASE app").execute(&admin).await.unwrap();
    let url = format!("mysql://lucia:lucia@127.0.0.1:{}/app", server.port());
    let pool = mysql::connect(&url).await.unwrap();
    for sql in [fixture!("mysql/lucia.sql"), fixture!("mysql/lucia_data.sql")] {
        sqlx::raw_sql(sql).execute(&pool).await.unwrap();
    }
    look_after(&url, "MySQL", async |sql| {
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&pool).await.unwrap();
    })
    .await;
}

async fn look_after(url: &str, name: &str, execute: impl AsyncFn(String)) {
    let lucia = |arguments: &str| run(&format!("--database {url} {arguments}"));
    let doctor = lucia("doctor --json");
    assert_eq!(doctor.code, 1, "{doctor:?}");
    let json = doctor.json();
    assert_eq!(json["sessions"], serde_json::json!({"live": 2, "expired": 1, "plain": 3, "unreadable": 0}));
    for finding in json["findings"].as_array().unwrap() {
        assert_eq!(finding["store"], name);
        let remedy = finding["remedy"].as_str().unwrap();
        if remedy.starts_with("CREATE INDEX") {
            execute(remedy.to_owned()).await;
        }
    }
    let password =
        run_with_input(&format!("--database {url} password set github:12345 --keep-sessions"), "correct horse");
    assert_eq!(password.code, 0, "{password:?}");
    assert_eq!(lucia(&format!("sessions list {ALICE} --json")).json().as_array().unwrap().len(), 2);
    assert_eq!(lucia(&format!("users show {ALICE} --json")).json()["keys"].as_array().unwrap().len(), 2);
    assert_eq!(lucia("purge --json").json()["sessions"], 1);
    assert_eq!(lucia("migrate hash-sessions --json").json(), serde_json::json!({"hashed": 2, "left": 0}));
    let healthy = lucia("doctor");
    assert_eq!((healthy.code, healthy.stdout.lines().last()), (0, Some("nothing is wrong")), "{healthy:?}");
    assert_eq!(lucia("tables create").code, 0);
    assert_eq!(lucia("--session-table Missing doctor").code, 1);
}
