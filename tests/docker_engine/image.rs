//! Makes the images in the engine, each once per process, and gives their names.

use bollard::models::{BuildInfo, CreateImageInfo};
use bollard::query_parameters::{BuildImageOptionsBuilder, CreateImageOptionsBuilder};
use bollard::{Docker, body_full};
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use tokio::sync::OnceCell;

use super::engine::Engine;
use super::packages::Packages;
use super::variants::{self, Variant};
use super::{rootfs, skipped};

static BASE: OnceCell<Option<Base>> = OnceCell::const_new();
static EMULATION: OnceCell<Option<Image>> = OnceCell::const_new();
static CITUS: OnceCell<Option<Image>> = OnceCell::const_new();

/// An image that nodes can be made of.
pub(crate) struct Image {
    /// Its name, such as `citus-tour-test/emulation:15`.
    pub(crate) name: String,
    /// PostgreSQL's major version in it.
    pub(crate) major: u32,
}

/// What both variants stand on.
struct Base {
    name: String,
    packages: Packages,
}

/// The image with the emulation; `None`, with one line that says why, where it cannot be made.
pub(crate) async fn emulation(engine: &Engine) -> Option<&'static Image> {
    let made = EMULATION.get_or_init(|| async {
        let base = base(engine).await?;
        Some(finish(engine, base, variants::emulation(&base.packages)).await)
    });
    made.await.as_ref()
}

/// The image with Citus itself; `None`, with one line that says why, where no PostgreSQL has it.
pub(crate) async fn citus(engine: &Engine) -> Option<&'static Image> {
    let made = CITUS.get_or_init(|| async {
        let base = base(engine).await?;
        let variant = variants::citus().map_err(|why| skipped(&why)).ok()?;
        Some(finish(engine, base, variant).await)
    });
    made.await.as_ref()
}

async fn base(engine: &Engine) -> Option<&'static Base> {
    let made = BASE.get_or_init(|| async {
        let Some(packages) = Packages::installed() else {
            skipped("no image: its files come from PostgreSQL as Debian's packages install it");
            return None;
        };
        let base = Base {
            name: format!("citus-tour-test/postgres:{}", packages.major),
            packages,
        };
        import(
            &engine.connect().await,
            &base.name,
            rootfs::archive(&base.packages),
        )
        .await;
        Some(base)
    });
    made.await.as_ref()
}

async fn finish(engine: &Engine, base: &Base, variant: Variant) -> Image {
    let major = variant.major;
    let name = format!("citus-tour-test/{}:{major}", variant.name);
    let context = variant.context(&base.name, &base.packages.version);
    build(&engine.connect().await, &name, context).await;
    Image { name, major }
}

/// One layer of the files as they are.
async fn import(docker: &Docker, name: &str, files: Bytes) {
    let (repository, tag) = name.split_once(':').unwrap();
    let options = CreateImageOptionsBuilder::new()
        .from_src("-")
        .repo(repository)
        .tag(tag)
        .build();
    let answers: Vec<CreateImageInfo> = docker
        .create_image(Some(options), Some(body_full(files)), None)
        .try_collect()
        .await
        .unwrap();
    let error = answers.into_iter().find_map(|answer| answer.error_detail);
    assert!(error.is_none(), "{name}: {error:?}");
}

/// What a Dockerfile and the files beside it say.
async fn build(docker: &Docker, name: &str, context: Bytes) {
    let options = BuildImageOptionsBuilder::new()
        .t(name)
        .rm(true)
        .forcerm(true)
        .networkmode("none")
        .build();
    let mut answers = docker.build_image(options, None, Some(body_full(context)));
    let mut said = String::new();
    while let Some(answer) = answers.next().await {
        let BuildInfo {
            stream,
            error_detail,
            ..
        } = answer
            .map_err(|error| format!("{name}: {error}\n{said}"))
            .unwrap();
        said.push_str(&stream.unwrap_or_default());
        assert!(error_detail.is_none(), "{name}: {error_detail:?}\n{said}");
    }
}
