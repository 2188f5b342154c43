//! Containers of the images behave as clusters expect of the official ones.

use crate::bench::{Bench, PASSWORD, Wishes, column, connect, on_citus, on_emulation};

const WITH_PASSWORD: &str = "POSTGRES_PASSWORD=correct horse";

fn plain() -> Wishes<'static> {
    Wishes {
        environment: &[WITH_PASSWORD],
        ..Wishes::default()
    }
}

#[tokio::test]
async fn a_healthy_container_lets_in_whoever_knows_the_password() {
    on_emulation(async |bench| {
        let container = bench.start("node", &plain()).await;
        bench.healthy(&container).await;

        let session = bench.session(&container).await;
        assert_eq!(
            column(&session, "SHOW password_encryption").await,
            ["scram-sha-256"]
        );
        assert_eq!(
            column(&session, "SHOW allow_system_table_mods").await,
            ["on"]
        );
        assert_eq!(column(&session, "SHOW citus.shard_count").await, ["32"]);
        assert_eq!(
            column(
                &session,
                "SELECT extname FROM pg_extension WHERE extname = 'citus'"
            )
            .await,
            ["citus"]
        );

        let mut wrong = bench.target(&container).await;
        wrong.password("wrong");
        let refusal = connect(&wrong).await.err().unwrap();
        assert_eq!(
            refusal.code(),
            Some(&tokio_postgres::error::SqlState::INVALID_PASSWORD)
        );
    })
    .await;
}
