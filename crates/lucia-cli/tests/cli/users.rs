use crate::support::{ALICE, Fixture, run_with_input};

#[test]
fn a_user_is_shown_by_id_or_key_without_hashes() {
    let fixture = Fixture::new();
    let by_id = fixture.run(&format!("users show {ALICE}"));
    assert_eq!((by_id.code, by_id.stdout.as_str()), (0, include_str!("golden/user.txt")));
    assert_eq!(fixture.run("users show --key github:12345").stdout, by_id.stdout);
    for which in ["nobody", "--key github:1"] {
        let unknown = fixture.run(&format!("users show {which}"));
        assert_eq!((unknown.code, unknown.stdout.as_str()), (1, "unknown user\n"));
    }
    assert_eq!(fixture.run("users show").code, 2);
}

#[test]
fn attributes_that_may_be_secret_are_not_shown() {
    let fixture = Fixture::new();
    fixture.execute(
        "ALTER TABLE User ADD COLUMN password_hash TEXT; ALTER TABLE User ADD COLUMN city TEXT;
        UPDATE User SET password_hash = 's3cret', city = 'Bonn\u{1b}[2J'",
    );
    let shown = fixture.run(&format!("users show {ALICE}"));
    assert!(shown.stdout.contains("(not shown)") && shown.stdout.contains("Bonn"), "{shown:?}");
    assert!(!shown.stdout.contains('\u{1b}'), "{shown:?}");
    let json = fixture.run(&format!("users show {ALICE} --json")).json();
    assert_eq!(json["attributes"]["password_hash"], "(not shown)");
    assert_eq!(json["keys"][0]["has_password"], true);
}

#[test]
fn sessions_are_listed_and_revoked_by_their_handle() {
    let fixture = Fixture::new();
    let list = fixture.run(&format!("sessions list {ALICE}"));
    assert_eq!((list.code, list.stdout.as_str()), (0, include_str!("golden/sessions.txt")));
    let json = fixture.run(&format!("sessions list {ALICE} --json")).json();
    let handle = json[0]["handle"].as_str().unwrap();
    let revoke = |handle: &str| fixture.run(&format!("sessions revoke {ALICE} --handle {handle}"));
    assert_eq!(revoke(handle).code, 0);
    assert_eq!(fixture.sessions().len(), 2);
    assert_eq!(revoke(handle).code, 1, "it is revoked already");
    assert_eq!(fixture.run(&format!("sessions revoke bob000000000002 --handle {handle}")).code, 1);
    assert_eq!(revoke("nonsense!").code, 2);
    assert_eq!(fixture.run(&format!("sessions revoke {ALICE}")).code, 2, "one has to be chosen");
    assert_eq!(fixture.run(&format!("sessions revoke {ALICE} --all")).code, 0);
    assert_eq!(fixture.sessions().len(), 1, "those of others are left");
}

#[test]
fn a_password_is_read_from_standard_input_and_ends_sessions() {
    let fixture = Fixture::new();
    let set = |arguments: &str, input| {
        run_with_input(&format!("--database {} password set {arguments}", fixture.url()), input)
    };
    let short = set("email:alice@example.com", "short\n");
    assert_eq!((short.code, short.stderr.as_str()), (2, "error: the password must have at least 8 characters\n"));
    assert_eq!(set("email:nobody@example.com", "correct horse\n").code, 1);
    assert_eq!(fixture.sessions().len(), 3);
    assert_eq!(set("email:alice@example.com --keep-sessions", "correct horse\r\n").code, 0);
    assert_eq!(fixture.sessions().len(), 3);
    assert_eq!(set("email:alice@example.com --beside-lucia-js", "battery staple").code, 0);
    assert_eq!(fixture.sessions().len(), 1);
    let hash = |like: &str| {
        let count =
            format!("SELECT COUNT(*) FROM Key WHERE id = 'email:alice@example.com' AND hashed_password LIKE '{like}'");
        let connection =
            adapter_prisma_compatible::rusqlite::Connection::open(fixture.path().join("lucia.db")).unwrap();
        connection.query_row(&count, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!(hash("s2:%"), 1, "Lucia JS can verify it");
    assert_eq!(set("email:alice@example.com", "correct horse battery").code, 0);
    assert_eq!(hash("$argon2id$%"), 1);
}
