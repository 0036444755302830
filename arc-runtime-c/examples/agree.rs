//! What `agree.c` computes by the C interface, from Rust by `arc-runtime`: the same lines.

use std::error::Error;
use std::path::Path;
use std::{array, fs};

use arc_runtime::kernels::Scalar;
use arc_runtime::preparation::PrepareError;
use arc_runtime::{Comparator, CompareError, Frame, Image, Ink, Model, Rating, Role, Step};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const SUPPORTS: usize = 5;

const MODELS: [(&str, &str); 8] = [
    ("small", "models/omniglot-small.arc"),
    ("tiny", "models/omniglot-tiny.arc"),
    ("convarc", "arc-golden/convarc.arc"),
    ("residual", "arc-golden/residual.arc"),
    ("arc", "arc-golden/arc.arc"),
    ("context", "arc-golden/context.arc"),
    ("ways", "arc-golden/ways.arc"),
    ("prepared", "arc-golden/prepared.arc"),
];

fn main() -> Result<()> {
    MODELS.iter().try_for_each(|(name, path)| agree(name, &read(path)?))
}

fn agree(name: &str, file: &[u8]) -> Result<()> {
    let model = Model::load(file)?;
    let dimensions = model.dimensions();
    let (side, bytes) = (dimensions.image_side, dimensions.feature_bytes());
    println!(
        "{name}: {side} pixels, {bytes} feature bytes, {} workspace bytes, {} glimpses, {} ways",
        4 * dimensions.workspace_words(),
        dimensions.glimpses_per_image,
        dimensions.ways
    );
    let words = vec![0; dimensions.identify_words(SUPPORTS, 4)];
    let mut comparator = Comparator::with_kernels(&model, words, Scalar)?;
    let pictures = ["probe", "support"].map(|name| format!("firmware-example/pictures/{name}.pgm"));
    let pictures =
        pictures.map(|path| read(&path).map(|pgm| pgm["P5\n96 96\n255\n".len()..].to_vec()));
    let [first, second] = pictures;
    let pictures = [first?, second?];
    prepare(&model, &pictures[0])?;
    let mut pixels = [(); SUPPORTS].map(|()| vec![0; side * side]);
    for (which, pixels) in pixels.iter_mut().enumerate() {
        draw(&pictures[which % 2], which, side, pixels)?;
    }
    let image = |which: usize| Image::new(side, &pixels[which]);
    compare(&model, &mut comparator, &image(0)?, &image(1)?)?;

    let mut features = [(); SUPPORTS].map(|()| vec![0; bytes]);
    for (which, features) in features.iter_mut().enumerate() {
        comparator.extract(&image(which)?, features)?;
        println!("features {:08x}", hash(features.iter().map(|&feature| feature as u8)));
    }
    if dimensions.ways == 0 {
        let score = comparator.compare_features(&features[0], &features[1])?;
        println!("by features {}", score.logit);
    }
    let mut ratings = Vec::new();
    let supports: [&[i8]; SUPPORTS] = array::from_fn(|which| &features[which][..]);
    comparator.identify(&image(0)?, supports, |rating| ratings.push(rating))?;
    let mut ranking: Vec<_> = ratings.into_iter().enumerate().collect();
    ranking.sort_by_key(|(_, rating)| std::cmp::Reverse(rating.score));
    for (index, Rating { score, pair }) in &ranking {
        let pair = pair.map_or(String::new(), |pair| format!(" pair {}", pair.logit));
        println!("{index} score {}{pair}", score.logit);
    }
    let accepted = ranking[0].1.pair.is_none_or(|pair| model.accepts(pair));
    println!("accepted {}", u8::from(accepted));
    println!("by features the same");

    comparator.limit_glimpses(2);
    compare(&model, &mut comparator, &image(0)?, &image(1)?)
}

/// Two parts of a picture and a blank one, prepared as the model wants them.
fn prepare(model: &Model<'_>, gray: &[u8]) -> Result<()> {
    let paper = [230; 96 * 96];
    let side = model.dimensions().image_side;
    let mut pixels = vec![0; side * side];
    for (which, gray) in [gray, gray, &paper].into_iter().enumerate() {
        let part = Frame::new(96, 96, gray)?.crop(4, 8 * which, 92, 80)?;
        match model.prepare(&part, &mut pixels) {
            Err(PrepareError::Blank) => println!("blank"),
            image => {
                let pixels = image?.pixels();
                println!("prepared {:08x}", hash(pixels.iter().map(|&pixel| pixel as u8)));
            }
        }
    }
    Ok(())
}

/// One of five pictures: three cut out of frames, one of packed bits, one of gray rows.
fn draw(gray: &[u8], which: usize, side: usize, pixels: &mut [i8]) -> Result<()> {
    let frame = Frame::new(96, 96, gray)?;
    let part = frame.crop(4 * which, 2 * which, 96 - 8 * which, 96 - 6 * which)?;
    part.shrink(side, Ink::Dark, pixels)?;
    match which {
        3 => {
            let row = side.div_ceil(8);
            let mut bits = vec![0; row * side];
            for (i, _) in pixels.iter().enumerate().filter(|(_, pixel)| **pixel > 40) {
                bits[i / side * row + i % side / 8] |= 0x80 >> (i % side % 8);
            }
            Image::from_bits(side, &bits, pixels)?;
        }
        4 => {
            let gray: Vec<_> = pixels.iter().map(|&pixel| 255 - pixel as u8).collect();
            Image::from_gray(side, &gray, Ink::Bright, pixels)?;
        }
        _ => {}
    }
    Ok(())
}

fn compare(
    model: &Model<'_>,
    comparator: &mut Comparator<'_, Vec<u32>>,
    probe: &Image<'_>,
    support: &Image<'_>,
) -> Result<()> {
    let mut steps = 0;
    let score = comparator.compare_traced(probe, support, |step| {
        show(step);
        steps += 1;
    });
    let score = match score {
        Err(CompareError::NoPairs { .. }) => {
            println!("no pairs");
            return Ok(());
        }
        score => score?,
    };
    let (probability, accepted) = (model.probability(score), u8::from(model.accepts(score)));
    let logit = score.logit;
    println!("{steps} steps, logit {logit}, probability {probability}, accepted {accepted}");
    println!("in the other order {}", comparator.compare(support, probe)?.logit);
    Ok(())
}

fn show(step: &Step<'_>) {
    let role = match step.role {
        Role::Probe => "probe",
        Role::Support => "support",
    };
    println!(
        "{} {role} y {} x {} d {} glimpse {:08x} cell {:08x} state {:08x}",
        step.index,
        step.gaze.y,
        step.gaze.x,
        step.gaze.d,
        hash(step.glimpse.iter().map(|&number| number as u8)),
        hash(step.cell.iter().flat_map(|cell| cell.to_le_bytes())),
        hash(step.state.iter().map(|&number| number as u8)),
    );
}

/// FNV-1a.
fn hash(bytes: impl Iterator<Item = u8>) -> u32 {
    bytes.fold(2166136261, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(16777619))
}

/// A file of the project.
fn read(path: &str) -> Result<Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    fs::read(&path).map_err(|error| format!("{}: {error}", path.display()).into())
}
