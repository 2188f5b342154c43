//! What stands between and drops what sessions ask for, as a pooler does that is told to.

use citus_tour::runtime::Runtime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::owned::{Owned, attach};

#[tokio::test(flavor = "multi_thread")]
async fn who_stands_between_and_drops_settings_is_refused() {
    let owned = Owned::emulated().await;
    let port = owned.cluster.runtime.address("coordinator").unwrap().port;
    for (dropped, allow_writes) in [
        ("default_transaction_read_only", false),
        ("statement_timeout", true),
    ] {
        let between = between(port, dropped).await;
        let url = owned
            .url()
            .replace(&format!(":{port}/"), &format!(":{between}/"));
        let url = format!("{url}?sslmode=disable");
        let refused = attach(&url, allow_writes).await.unwrap_err().to_string();
        assert!(refused.contains(dropped), "{refused}");
    }
    let between = between(port, "search_path").await;
    let url = owned
        .url()
        .replace(&format!(":{port}/"), &format!(":{between}/"));
    let cluster = attach(&format!("{url}?sslmode=disable"), true)
        .await
        .unwrap();
    let refused = cluster.start_afresh().await.unwrap_err().to_string();
    assert!(refused.contains("looks in `public`"), "{refused}");
    cluster.end().await.unwrap();
    drop(cluster);
    owned.end().await;
}

/// Listens, and hands on to a server's port what comes, but for a parameter of the connection that it drops.
async fn between(server: u16, dropped: &'static str) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            tokio::spawn(async move {
                let length = client.read_u32().await.unwrap();
                let mut rest = vec![0; usize::try_from(length).unwrap() - 4];
                client.read_exact(&mut rest).await.unwrap();
                let (version, parameters) = rest.split_at(4);
                let mut message = version.to_vec();
                let mut words = parameters.split(|byte| *byte == 0);
                while let (Some(name), Some(value)) = (words.next(), words.next()) {
                    if !name.is_empty() && name != dropped.as_bytes() {
                        message.extend([name, b"\0", value, b"\0"].concat());
                    }
                }
                message.push(0);
                let mut server = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
                let length = u32::try_from(message.len() + 4).unwrap();
                server.write_u32(length).await.unwrap();
                server.write_all(&message).await.unwrap();
                // Either side may go first.
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    port
}
