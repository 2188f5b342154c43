//! Program and image in one file, for classrooms without a network: written where both are, used where neither is.
//!
//! A bundle is a tar archive of `bundle.json`, `citus-tour` and `image.tar` (what `docker save` writes), so that it serves without this
//! program too.

use std::fs;
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use bollard::query_parameters::ImportImageOptionsBuilder;
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt;

use super::engine::ContainerEngine;
use super::image::ImageFacts;
use crate::runtime::RuntimeError;
use crate::runtime::blocking::blocking;

const FORMAT: u32 = 1;
const MANIFEST: &str = "bundle.json";
const PROGRAM: &str = "citus-tour";
const IMAGE: &str = "image.tar";
/// Bytes that are read at once.
const PIECE: usize = 1 << 20;

/// What a bundle holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    format: u32,
    /// The image.
    pub image: ImageFacts,
    /// The program's version.
    pub version: String,
    /// Where the program runs, such as `linux x86_64`.
    pub platform: String,
}

/// Writes a bundle of this program and an image that is here. Gives its length in bytes. `told` hears how many are written.
///
/// # Errors
/// When the image is not here, or the file cannot be written; a file that is half written is removed.
pub async fn write_bundle(
    engine: &ContainerEngine,
    image: &str,
    program: &Path,
    path: &Path,
    told: &(dyn Fn(u64) + Send + Sync),
) -> Result<u64, RuntimeError> {
    let Some(facts) = engine.image(image).await? else {
        return Err(RuntimeError::NoImage {
            image: image.to_owned(),
            reason: "a bundle is made of what is here. Play a tour with --runtime docker once, or pull it".to_owned(),
        });
    };
    let bundle = Bundle {
        format: FORMAT,
        image: facts,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
    };
    let directory = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let directory = directory.unwrap_or(Path::new(".")).to_path_buf();
    let beside = directory.join(format!(".{}.image", std::process::id()));
    let saved = save(engine, image, &beside, told).await;
    let (from, program, to) = (beside.clone(), program.to_path_buf(), path.to_path_buf());
    let written = match saved {
        Ok(()) => blocking(move || pack(&bundle, &program, &from, &to)).await,
        Err(error) => Err(error),
    };
    let _ = fs::remove_file(&beside);
    if written.is_err() {
        let _ = fs::remove_file(path);
    }
    written
}

async fn save(
    engine: &ContainerEngine,
    image: &str,
    path: &Path,
    told: &(dyn Fn(u64) + Send + Sync),
) -> Result<(), RuntimeError> {
    let failed = |error| RuntimeError::io("writing the image", path, error);
    let file = tokio::fs::File::create(path).await.map_err(failed)?;
    let mut file = tokio::io::BufWriter::new(file);
    let mut pieces = std::pin::pin!(engine.api.export_image(image));
    let mut length = 0;
    while let Some(piece) = pieces
        .try_next()
        .await
        .map_err(|error| engine.error("saving the image", &error))?
    {
        file.write_all(&piece).await.map_err(failed)?;
        length += piece.len() as u64;
        told(length);
    }
    file.flush().await.map_err(failed)
}

fn pack(bundle: &Bundle, program: &Path, image: &Path, path: &Path) -> Result<u64, RuntimeError> {
    let failed = |error| RuntimeError::io("writing the bundle", path, error);
    let file = fs::File::create(path).map_err(failed)?;
    let mut archive = tar::Builder::new(BufWriter::new(file));
    let manifest = serde_json::to_vec_pretty(bundle).map_err(|error| failed(error.into()))?;
    let mut header = tar::Header::new_gnu();
    header.set_size(manifest.len() as u64);
    header.set_mode(0o644);
    archive
        .append_data(&mut header, MANIFEST, manifest.as_slice())
        .and_then(|()| archive.append_path_with_name(program, PROGRAM))
        .and_then(|()| archive.append_path_with_name(image, IMAGE))
        .and_then(|()| archive.into_inner())
        .and_then(|mut file| file.flush())
        .map_err(failed)?;
    fs::metadata(path).map(|it| it.len()).map_err(failed)
}

/// Loads a bundle's image into an engine, unless it is there.
///
/// # Errors
/// When the file is no bundle, or the engine refuses the image.
pub async fn load_bundle(engine: &ContainerEngine, path: &Path) -> Result<Bundle, RuntimeError> {
    let at = path.to_path_buf();
    let (bundle, place, length) = blocking(move || look_into(&at)).await?;
    if engine
        .image(&bundle.image.name)
        .await?
        .is_some_and(|here| here.id == bundle.image.id)
    {
        return Ok(bundle);
    }
    let failed = |error| RuntimeError::io("reading the bundle", path, error);
    let mut file = fs::File::open(path).map_err(failed)?;
    file.seek(SeekFrom::Start(place)).map_err(failed)?;
    let part = tokio::fs::File::from_std(file);
    let part = tokio::io::AsyncReadExt::take(part, length);
    let pieces = stream::unfold(part, async |mut part| {
        let mut piece = vec![0; PIECE];
        match tokio::io::AsyncReadExt::read(&mut part, &mut piece).await {
            Ok(0) => None,
            Ok(length) => {
                piece.truncate(length);
                Some((Ok(Bytes::from(piece)), part))
            }
            Err(error) => Some((Err(error), part)),
        }
    });
    let options = ImportImageOptionsBuilder::new().build();
    let loading = engine
        .api
        .import_image_stream(options, pieces.boxed(), None);
    let loaded: Result<Vec<_>, _> = loading.try_collect().await;
    loaded.map_err(|error| engine.error("loading the image", &error))?;
    if engine.image(&bundle.image.name).await?.is_none() {
        return Err(RuntimeError::NoImage {
            image: bundle.image.name,
            reason: format!("{} was loaded and does not hold it", path.display()),
        });
    }
    Ok(bundle)
}

/// What a bundle says of itself, and where in it the image lies.
fn look_into(path: &Path) -> Result<(Bundle, u64, u64), RuntimeError> {
    let failed = |error| RuntimeError::io("reading the bundle", path, error);
    let no_bundle = |reason: String| RuntimeError::NoBundle {
        path: PathBuf::from(path),
        reason,
    };
    let file = fs::File::open(path).map_err(failed)?;
    let mut archive = tar::Archive::new(BufReader::new(file));
    let mut bundle = None;
    let entries = archive.entries_with_seek().map_err(failed)?;
    for entry in entries {
        let mut entry = entry.map_err(|error| no_bundle(error.to_string()))?;
        let name = entry.path_bytes().into_owned();
        if name == MANIFEST.as_bytes() {
            let mut text = String::new();
            entry.read_to_string(&mut text).map_err(failed)?;
            let read: Bundle =
                serde_json::from_str(&text).map_err(|error| no_bundle(error.to_string()))?;
            if read.format != FORMAT {
                return Err(no_bundle(format!(
                    "its format is {}, not {FORMAT}",
                    read.format
                )));
            }
            bundle = Some(read);
        } else if name == IMAGE.as_bytes() {
            let bundle = bundle.ok_or_else(|| no_bundle(format!("it has no {MANIFEST}")))?;
            return Ok((bundle, entry.raw_file_position(), entry.size()));
        }
    }
    Err(no_bundle(format!("it has no {IMAGE}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_is_found_in_its_file_and_junk_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        fs::write(at("program"), "program").unwrap();
        fs::write(at("image"), "layers").unwrap();
        let bundle = Bundle {
            format: FORMAT,
            image: ImageFacts {
                name: "citusdata/citus:1".into(),
                id: "sha256:ab".into(),
                ..ImageFacts::default()
            },
            version: "0.1.0".into(),
            platform: "linux x86_64".into(),
        };
        let length = pack(&bundle, &at("program"), &at("image"), &at("bundle")).unwrap();
        assert_eq!(fs::metadata(at("bundle")).unwrap().len(), length);
        let (found, place, size) = look_into(&at("bundle")).unwrap();
        assert_eq!(found, bundle);
        let bytes = fs::read(at("bundle")).unwrap();
        let from = usize::try_from(place).unwrap();
        let to = from + usize::try_from(size).unwrap();
        assert_eq!(&bytes[from..to], b"layers");
        fs::write(at("junk"), "junk").unwrap();
        let error = look_into(&at("junk")).unwrap_err().to_string();
        assert!(error.contains("is no bundle"), "{error}");
    }
}
