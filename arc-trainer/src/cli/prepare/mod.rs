//! `arc-trainer prepare`

mod names;
mod sheet;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use arc_runtime::preparation::Preparation;
use clap::Args;
use rayon::prelude::*;
use serde::Serialize;

use super::picture::{Ink, read_drawing};
use super::print;
use crate::data::Picture;
use crate::eval::Backend;
use crate::files::write_whole_unconfirmed;
use crate::model_file::{ModelFile, Question};
use crate::printable::{printable, printable_path};
use crate::progress::note;
use crate::{input, limits};
use names::names;
use sheet::{png, side_by_side};

/// Show what a model gets to see of pictures: each as it is on the left, and prepared on the right.
#[derive(Args)]
#[command(after_help = "\
Examples:
  arc-trainer prepare small.arc camera.jpg --out seen
  arc-trainer prepare small.arc shots/*.jpg --out seen --raw --json

Writes seen/camera.png, and with --raw also seen/camera-raw.png. Pictures of one name get numbers: camera-2.png. So do
pictures whose name a file in the folder has that was not written by this command. A picture that can't be prepared is
named on stderr; the others are done all the same, and the exit code is 1.")]
pub struct PrepareArgs {
    /// The model file
    #[arg(value_name = "FILE.arc")]
    pub model: PathBuf,
    /// The pictures to prepare
    #[arg(value_name = "PICTURE", required = true)]
    pub pictures: Vec<PathBuf>,
    /// Folder to write to
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// What is ink in the pictures
    #[arg(long, value_enum)]
    pub ink: Option<Ink>,
    /// Also write the model's image itself, pixel by pixel, black on white
    #[arg(long)]
    pub raw: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Runs the verb: exit code 1 if some pictures can't be prepared.
///
/// # Errors
/// If the model can't be read or the folder can't be made.
pub fn run(args: PrepareArgs) -> Result<ExitCode> {
    let file = ModelFile::read(&args.model)?;
    let model = file.open()?;
    fs::create_dir_all(&args.out).with_context(|| {
        format!("can't make the folder {}: choose another --out", printable_path(&args.out))
    })?;
    let prepared = model.answer(Prepare { file: &file, args: &args })?;
    let errors = prepared.pictures.iter().filter_map(|picture| picture.error.as_ref());
    errors.clone().for_each(|error| note(format_args!("error: {error}")));
    let code = if errors.count() > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS };
    print(&prepared, args.json)?;
    Ok(code)
}

/// What the model gets to see of the pictures.
struct Prepare<'a> {
    file: &'a ModelFile,
    args: &'a PrepareArgs,
}

impl Question for Prepare<'_> {
    type Answer = Prepared;

    fn ask<B: Backend>(self, backend: B) -> Result<Prepared> {
        let Self { file, args } = self;
        let names = names(&args.pictures, &args.out, args.raw);
        let pictures = args.pictures.par_iter().zip(names).map(|(picture, name)| {
            let written = write(picture, &args.out.join(name), args, &backend);
            let (files, error) = match written {
                Ok(files) => (Some(files), None),
                Err(error) => (None, Some(format!("{error:#}"))),
            };
            Outcome { picture: picture.display().to_string(), files, error }
        });
        Ok(Prepared {
            pictures: pictures.collect(),
            side: backend.image_side(),
            model: file.name.clone(),
        })
    }
}

/// Prepares one picture and writes its files, whose names begin with `to`.
fn write<B: Backend>(picture: &Path, to: &Path, args: &PrepareArgs, backend: &B) -> Result<Files> {
    let side = backend.image_side();
    let pixels = read_drawing(picture, args.ink, backend)?.at_side(side);
    let seen = shown(&pixels, side, backend.preparation());
    let original = Picture::decode(&input::read(picture, limits::PICTURE)?)
        .with_context(|| format!("the picture {}", printable_path(picture)))?;
    let save = |end: &str, picture: &Picture| {
        let mut file = to.as_os_str().to_owned();
        file.push(end);
        write_whole_unconfirmed(Path::new(&file), &png(picture)?)?;
        anyhow::Ok(Path::new(&file).display().to_string())
    };
    Ok(Files {
        raw: args.raw.then(|| save(names::RAW, &seen)).transpose()?,
        file: save(names::SHEET, &side_by_side(&original, &seen))?,
    })
}

/// A model's image as a picture for people: ink is black on white, and a photo is as bright as it was.
fn shown(pixels: &[i8], side: usize, preparation: &Preparation) -> Picture {
    let is_photo = matches!(preparation, Preparation::Photo(_));
    let gray = |&pixel: &i8| {
        // Of 7 bits the first is taken again as the eighth, so that 127 becomes 255.
        let level = (pixel << 1 | pixel >> 6) as u8;
        if is_photo { level } else { 255 - level }
    };
    Picture { width: side as u16, height: side as u16, gray: pixels.iter().map(gray).collect() }
}

/// What is printed.
#[derive(Debug, Serialize)]
struct Prepared {
    pictures: Vec<Outcome>,
    /// Side of the model's image in pixels.
    side: usize,
    model: String,
}

/// A picture, and the files that were written or what is wrong with it.
#[derive(Debug, Serialize)]
struct Outcome {
    picture: String,
    #[serde(flatten)]
    files: Option<Files>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// The files of a picture.
#[derive(Debug, Serialize)]
struct Files {
    /// The picture beside what the model sees of it.
    file: String,
    /// The model's image alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<String>,
}

impl fmt::Display for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pictures, side, model } = self;
        let done = pictures.iter().filter_map(|one| Some((one, one.files.as_ref()?)));
        for (Outcome { picture, .. }, Files { file, raw }) in done.clone() {
            write!(f, "{}: {}", printable(picture), printable(file))?;
            if let Some(raw) = raw {
                write!(f, ", {}", printable(raw))?;
            }
            writeln!(f)?;
        }
        let (count, all) = (done.count(), pictures.len());
        write!(f, "{count} of {all} prepared for {}, {side}x{side} pixels", printable(model))
    }
}
