use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;

fn around(variables: &[(&str, &str)]) -> Surroundings {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Surroundings {
        variables: variables.iter().map(own).collect(),
        home: None,
        account: Some("me".to_owned()),
    }
}

fn read(text: &str) -> Given {
    Given::read(text, &around(&[])).unwrap()
}

#[test]
fn both_forms_say_the_same() {
    let url = read(
        "postgresql://ann:p%40ss%3Aword@db.example:6432/shop?sslmode=require&connect_timeout=3",
    );
    let keywords = read(
        r"host=db.example port=6432 user = ann password='p@ss:word' dbname=shop sslmode=require",
    );
    assert_eq!(url.values, keywords.values);
    assert_eq!(url.password(), Some("p@ss:word"));
    assert_eq!((url.host().as_str(), url.port()), ("db.example", 6432));
    assert_eq!((url.user(), url.database()), ("ann", "shop"));
    assert_eq!(url.mode(), SslMode::Require);
}

#[test]
fn quotes_brackets_and_defaults() {
    let given = read(r"user='o\'neil' password=back\\slash\ space");
    assert_eq!(given.user(), "o'neil");
    assert_eq!(given.password(), Some(r"back\slash space"));
    assert_eq!(given.database(), "o'neil");
    let given = read("postgres://[::1]:7000");
    assert_eq!((given.host().as_str(), given.port()), ("::1", 7000));
    assert_eq!((given.user(), given.mode()), ("me", SslMode::Prefer));
    let socket = read("postgres://%2Fvar%2Frun/db?host=/tmp/here");
    assert_eq!(socket.host(), "/tmp/here");
    assert_eq!(
        read("sslrootcert=system host=x").mode(),
        SslMode::VerifyFull
    );
}

#[test]
fn the_environment_speaks_where_the_string_is_silent() {
    let variables = [
        ("PGHOST", "elsewhere"),
        ("PGPORT", "7000"),
        ("PGUSER", "bob"),
        ("PGPASSWORD", "secret"),
        ("PGSSLMODE", "verify-ca"),
    ];
    let given = Given::read("postgres://here/db", &around(&variables)).unwrap();
    assert_eq!((given.host().as_str(), given.port()), ("here", 7000));
    assert_eq!(given.user(), "bob");
    assert_eq!(given.password(), Some("secret"));
    assert_eq!(given.mode(), SslMode::VerifyCa);
    // Only the words of the mode: the default root certificate is nowhere.
    let error = given.address().unwrap_err().to_string();
    assert!(error.contains("needs a root certificate"), "{error}");
}

#[test]
fn a_service_is_not_passed_over_in_silence() {
    for variable in ["PGSERVICE", "PGHOSTADDR"] {
        let set = around(&[(variable, "production")]);
        for text in ["dbname=shop", "postgres://here/shop"] {
            let error = Given::read(text, &set).unwrap_err().to_string();
            assert!(error.contains(variable), "{error}");
        }
    }
}

#[test]
fn mistakes_are_told_without_the_password() {
    for (text, expected) in [
        ("postgres://u:secret@h/db?sslmod=require", "sslmod"),
        ("postgres://u:secret@h/db?sslmode=always", "verify-full"),
        ("postgres://u:secret@a,b/db", "one host"),
        ("postgres://u:secret@h:99999/db", "65535"),
        ("postgres://u:sec%ret@h/db", "hexadecimal"),
        ("host=h password='secret", "without its end"),
        ("host=h secret", "no `=`"),
        ("service=mine", "not supported"),
        ("host=h channel_binding=require", "verify-full"),
    ] {
        let error = Given::read(text, &around(&[])).unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
        assert!(!error.contains("secret"), "{error}");
    }
}

#[test]
fn a_password_is_never_in_what_debug_shows() {
    let around = around(&[("PGPASSWORD", "secret")]);
    let given = Given::read("postgres://u:secret@127.0.0.1/db", &around).unwrap();
    let address = given.address().unwrap();
    assert_eq!(address.password, "secret");
    let shown = format!("{given:?} {around:?} {address:?} {:?}", address.terms);
    assert!(!shown.contains("secret"), "{shown}");
}

#[test]
fn the_password_file_is_libpqs() {
    let text = "# a comment\n\
                other:5432:*:ann:wrong\n\
                *:5432:db:ann:a\\:b\\\\c\n\
                h\\:x:1:*:ann:colon\n\
                localhost:*:*:*:here:with colon\n";
    let find = |wanted| passfile::find(text, wanted);
    assert_eq!(find(["h", "5432", "db", "ann"]).as_deref(), Some("a:b\\c"));
    assert_eq!(find(["h:x", "1", "any", "ann"]).as_deref(), Some("colon"));
    assert_eq!(
        find(["/tmp", "1", "x", "y"]).as_deref(),
        Some("here:with colon")
    );
    assert_eq!(find(["h", "5432", "other", "ann"]), None);
    // A star behind a backslash is a star.
    assert_eq!(passfile::find("\\*:1:d:u:p", ["h", "1", "d", "u"]), None);
}

#[test]
fn a_password_file_that_others_may_read_is_passed_over() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join(".pgpass");
    fs::write(&path, "*:*:*:*:filed\n").unwrap();
    let around = Surroundings {
        home: Some(home.path().to_owned()),
        ..around(&[])
    };
    let given = Given::read("host=127.0.0.1", &around).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let (password, remark) = given.filed_password("127.0.0.1", 5432);
    assert_eq!(password, None);
    assert!(remark.unwrap().contains("chmod 600"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(given.address().unwrap().password, "filed");
    let named = Given::read("host=127.0.0.1 password=named", &around).unwrap();
    assert_eq!(named.address().unwrap().password, "named");
}
