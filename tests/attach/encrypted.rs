//! TLS as libpq does it, against a server that makes its own certificate with openssl.

use std::fs;

use citus_tour::postgres::SslMode;
use citus_tour::runtime::Runtime;

use crate::owned::{Owned, attach, learner};
use crate::support::DEADLINE;

/// Makes a certificate in the server's directory and turns encryption on; `false` where the machine has no openssl.
async fn encrypt(owned: &mut Owned, names: &str) -> bool {
    let made = format!(
        "COPY (SELECT 1) TO PROGRAM 'openssl req -new -x509 -days 3 -nodes -newkey rsa:2048 -subj /CN=tour -addext subjectAltName={names} \
         -out server.crt -keyout server.key 2>/dev/null && chmod 600 server.key'"
    );
    if std::process::Command::new("openssl")
        .arg("version")
        .output()
        .is_err()
    {
        tell("skipped: this machine has no openssl");
        return false;
    }
    owned.run(&made).await;
    owned
        .run("ALTER SYSTEM SET ssl = on; SELECT pg_reload_conf()")
        .await;
    true
}

#[expect(clippy::print_stdout, reason = "what was skipped is printed")]
fn tell(what: &str) {
    println!("{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_mode_believes_what_libpq_believes() {
    let mut owned = Owned::emulated().await;
    if !encrypt(&mut owned, "IP:127.0.0.1").await {
        return owned.end().await;
    }
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join("root.crt");
    fs::write(
        &root,
        owned.value("SELECT pg_read_file('server.crt')").await,
    )
    .unwrap();
    let root = root.display().to_string();
    let url = |parameters: &str| format!("{}?{parameters}", owned.url());

    // The reload takes a moment.
    let deadline = tokio::time::Instant::now() + DEADLINE;
    while attach(&url("sslmode=require"), false).await.is_err() {
        assert!(tokio::time::Instant::now() < deadline, "never encrypted");
        tokio::task::yield_now().await;
    }
    for (parameters, encrypted) in [
        ("sslmode=disable".to_owned(), false),
        ("sslmode=allow".to_owned(), false),
        ("sslmode=prefer".to_owned(), true),
        ("sslmode=require".to_owned(), true),
        (format!("sslmode=require&sslrootcert={root}"), true),
        (format!("sslmode=verify-ca&sslrootcert={root}"), true),
        (format!("sslmode=verify-full&sslrootcert={root}"), true),
    ] {
        let cluster = attach(&url(&parameters), false).await.unwrap();
        assert_eq!(cluster.is_encrypted(), encrypted, "{parameters}");
        let mut session = learner(&cluster).await;
        let told = session
            .query(
                "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
                DEADLINE,
            )
            .await
            .unwrap()
            .into_rows();
        assert_eq!(
            told.scalar(),
            Some(if encrypted { "t" } else { "f" }),
            "{parameters}"
        );
        // More than fits into the system's buffers, both ways.
        let long = format!("SELECT repeat('{}', 100)", "x".repeat(300_000));
        let answer = session.query(&long, DEADLINE).await.unwrap().into_rows();
        assert_eq!(answer.scalar().map(str::len), Some(30_000_000));
    }
    let error = attach(&url("sslmode=verify-full"), false)
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("needs a root certificate"), "{error}");

    // Another certificate than the one that is believed.
    encrypt(&mut owned, "DNS:elsewhere.example").await;
    let other = home.path().join("other.crt");
    fs::write(
        &other,
        owned.value("SELECT pg_read_file('server.crt')").await,
    )
    .unwrap();
    let url = |parameters: &str| format!("{}?{parameters}", owned.url());
    let verify = url(&format!(
        "sslmode=verify-ca&sslrootcert={}",
        other.display()
    ));
    let deadline = tokio::time::Instant::now() + DEADLINE;
    while attach(&verify, false).await.is_err() {
        assert!(
            tokio::time::Instant::now() < deadline,
            "the new certificate is never shown"
        );
        tokio::task::yield_now().await;
    }
    for parameters in [
        format!("sslmode=verify-ca&sslrootcert={root}"),
        format!("sslmode=require&sslrootcert={root}"),
        format!("sslmode=verify-full&sslrootcert={}", other.display()),
    ] {
        let error = attach(&url(&parameters), false)
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains("certificate"), "{parameters}: {error}");
    }
    assert!(
        attach(&url("sslmode=require"), false)
            .await
            .unwrap()
            .is_encrypted()
    );
    owned.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_encrypt_is_preferred_in_vain_and_required_not_at_all() {
    let owned = Owned::emulated().await;
    let cluster = attach(&owned.url(), false).await.unwrap();
    assert_eq!(
        cluster.address("coordinator").unwrap().terms.mode,
        SslMode::Prefer
    );
    assert!(!cluster.is_encrypted());
    let demanded = format!("{}?sslmode=require", owned.url());
    let error = attach(&demanded, false).await.unwrap_err().to_string();
    assert!(error.contains("does not encrypt"), "{error}");
    owned.end().await;
}
