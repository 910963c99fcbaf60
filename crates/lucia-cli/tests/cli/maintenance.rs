use std::{process::Command, thread, time::Duration};

use adapter_prisma_compatible::rusqlite;
use lucia_auth::SessionToken;

use crate::support::{ACTIVE, Fixture, IDLE, command, run};

#[test]
fn expired_sessions_are_deleted() {
    let fixture = Fixture::new();
    let purge = fixture.run("purge");
    assert_eq!((purge.code, purge.stdout.as_str()), (0, "1 expired sessions deleted\n"));
    assert_eq!(fixture.sessions(), [ACTIVE, IDLE]);
    assert_eq!(fixture.run("purge --json").json(), serde_json::json!({"sessions": 0, "tokens": null}));
}

#[test]
fn expired_tokens_are_deleted_with_their_table() {
    let fixture = Fixture::new();
    assert_eq!(fixture.run("--token-table Token tables create").code, 0);
    fixture.execute("INSERT INTO Token (id, kind, data, expires) VALUES ('a', 'k', '', 1), ('b', 'k', '', 9e15)");
    let purge = fixture.run("--token-table Token purge --json").json();
    assert_eq!(purge, serde_json::json!({"sessions": 1, "tokens": 1}));
}

#[test]
fn plain_ids_become_hashes() {
    let fixture = Fixture::new();
    assert_eq!(fixture.run("migrate hash-sessions --dry-run").stdout, "3 plain session ids\n");
    assert_eq!(fixture.sessions().len(), 3);
    let migrate = fixture.run("migrate hash-sessions");
    assert_eq!((migrate.code, migrate.stdout.as_str()), (0, "3 plain session ids replaced by their hashes\n"));
    let hashed = SessionToken::new(ACTIVE).hashed_id();
    assert!(fixture.sessions().iter().any(|id| *id == hashed.as_str()));
    assert_eq!(fixture.run("migrate hash-sessions --dry-run").stdout, "0 plain session ids\n");
}

#[test]
fn tables_are_created_or_only_printed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new.db");
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let printed = run(&format!("--database {url} --token-table Token tables create --dry-run"));
    assert_eq!(printed.code, 0);
    let objects = || -> i64 {
        let connection = rusqlite::Connection::open(&path).unwrap();
        let count = "SELECT COUNT(*) FROM sqlite_schema WHERE sql IS NOT NULL";
        connection.query_row(count, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(objects(), 0);
    for _ in 0..2 {
        assert_eq!(run(&format!("--database {url} --token-table Token tables create")).code, 0);
    }
    assert_eq!(objects(), i64::try_from(printed.stdout.matches("CREATE ").count()).unwrap());
}

#[test]
fn no_table_of_sessions_is_created_if_they_are_elsewhere() {
    let sql = run("--database sqlite::memory: --sessions redis://127.0.0.1:1 tables create --dry-run").stdout;
    assert!(sql.contains(r#"CREATE TABLE "User""#) && !sql.contains(r#"CREATE TABLE "Session""#), "{sql}");
}

#[test]
fn a_reader_may_stop_reading() {
    let mut child = command("--database sqlite::memory: tables create --dry-run").spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap()), (Some(0), String::new()));
}

#[test]
fn an_interrupted_migration_stops_after_a_batch_and_goes_on_later() {
    // A busy machine may give the test its turn after the command has ended.
    assert!((0..5).any(|_| interrupt_a_migration()), "each command ended before it was interrupted");
}

/// Returns `false` if the command had ended before it was interrupted.
fn interrupt_a_migration() -> bool {
    let fixture = Fixture::new();
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
        INSERT INTO Session SELECT 'plain' || i, 'bob000000000002', 4102444800000, 4103654400000 FROM n";
    fixture.execute(many);
    let child = command(&format!("--database {} migrate hash-sessions", fixture.url())).spawn().unwrap();
    let hashed = || fixture.sessions().iter().filter(|id| id.len() == 64).count();
    let mut polls = 0..3_000;
    while hashed() == 0 {
        polls.next().expect("the first batch");
        thread::sleep(Duration::from_millis(10));
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    if output.status.success() {
        return false;
    }
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.ends_with("error: interrupted: run the command again to go on\n"), "{stderr}");
    assert_eq!(fixture.sessions().len(), 5_003);
    assert!(hashed() < 5_003);
    assert_eq!(fixture.run("migrate hash-sessions").code, 0);
    assert_eq!(hashed(), 5_003);
    true
}
