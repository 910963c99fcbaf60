use crate::support::{Fixture, run};

#[test]
fn the_database_of_prisma_has_plain_ids_and_lacks_indexes() {
    let fixture = Fixture::new();
    let doctor = fixture.run("doctor");
    assert_eq!((doctor.code, doctor.stderr.as_str()), (1, ""));
    assert_eq!(doctor.stdout, include_str!("golden/doctor.txt"));

    let json = fixture.run("doctor --json").json();
    assert_eq!(json["sessions"], serde_json::json!({"live": 2, "expired": 1, "plain": 3, "unreadable": 0}));
    assert_eq!(json["findings"].as_array().unwrap().len(), 2);
}

#[test]
fn what_the_remedies_say_leaves_nothing_to_find() {
    let fixture = Fixture::new();
    for finding in fixture.run("doctor --json").json()["findings"].as_array().unwrap() {
        let remedy = finding["remedy"].as_str().unwrap();
        match remedy.strip_prefix("lucia ") {
            Some(command) => assert_eq!(fixture.run(command.split(',').next().unwrap()).code, 0, "{remedy}"),
            None => fixture.execute(remedy),
        }
    }
    let doctor = fixture.run("doctor");
    assert_eq!((doctor.code, doctor.stdout.lines().last()), (0, Some("nothing is wrong")), "{doctor:?}");
}

#[test]
fn every_mismatch_of_tables_is_one_row() {
    let fixture = Fixture::new();
    fixture
        .execute("ALTER TABLE Session DROP COLUMN idle_expires; ALTER TABLE Key RENAME COLUMN hashed_password TO hash");
    let doctor = fixture.run("doctor");
    assert_eq!(doctor.code, 1);
    for text in ["`idle_expires`", "`hashed_password`", "Table::column"] {
        assert!(doctor.stdout.contains(text), "{text}: {}", doctor.stdout);
    }
    assert_eq!(doctor.stdout.lines().count(), 3, "titles and two rows: {}", doctor.stdout);
}

#[test]
fn unreadable_sessions_are_counted() {
    let fixture = Fixture::new();
    fixture.execute("UPDATE Session SET idle_expires = 'soon' WHERE user_id LIKE 'bob%'");
    let json = fixture.run("doctor --json").json();
    assert_eq!(json["sessions"], serde_json::json!({"live": 2, "expired": 0, "plain": 3, "unreadable": 1}));
}

#[test]
fn a_store_that_cannot_be_opened_is_an_error_and_not_a_finding() {
    for (arguments, expected) in [
        ("doctor", "error: no store: name one with --sessions or --database"),
        ("--database nonsense doctor", "error: unknown store: a URL must begin with "),
        ("--database sqlite:///no/such/folder/file.db doctor", "error: cannot open the database"),
        ("--database postgres://lucia:s3cret@127.0.0.1:1/x doctor", "error: "),
        ("--sessions redis://:s3cret@127.0.0.1:1 doctor", "error: Redis at 127.0.0.1:1"),
        ("--sessions http://127.0.0.1:1 doctor", "error: "),
        ("--database sqlite::memory: --user-table a;b doctor", "error: invalid name of a table: `a;b`"),
    ] {
        let ran = run(arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{arguments}: {ran:?}");
        assert!(ran.stderr.starts_with(expected), "{arguments}: {}", ran.stderr);
    }
}
