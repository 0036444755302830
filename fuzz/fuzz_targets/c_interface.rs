//! The C interface, called as a careless program might: with lengths of any size, null pointers,
//! pointers that are not aligned, outputs that overlap, models cut off, and calls in any order.
//!
//! All that the contract asks for is kept: a pointer that is neither null nor misaligned points to as
//! much memory as its length says, unless no memory could be as long. Every buffer is an allocation of its
//! own, so that the sanitizer sees what is read and written beyond it.
#![no_main]

use core::ffi::{CStr, c_void};
use core::ptr::{null, null_mut};

use arc_fuzz::noise::Noise;
use arc_fuzz::sound;
use arc_runtime::Model;
use arc_runtime::format::Header;
use arc_runtime_c::{
    Comparator, Frame, Image, Match, Rect, Sizes, Status, Step, arc_accepts, arc_comparator_init,
    arc_compare, arc_compare_features, arc_compare_traced, arc_error_text, arc_extract,
    arc_identify, arc_identify_bytes, arc_identify_features, arc_image_from_bits,
    arc_image_from_frame, arc_image_from_gray, arc_image_prepare, arc_limit_glimpses,
    arc_model_sizes, arc_probability,
};
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // An input that ends early is no finding.
    let _ = attack(&mut Unstructured::new(data));
});

fn attack(input: &mut Unstructured<'_>) -> Result<()> {
    let mut program = Program::new(input)?;
    for _ in 0..input.int_in_range(1..=12)? {
        match input.int_in_range(0..=12)? {
            0 => program.sizes(input)?,
            1 | 2 => program.init(input)?,
            3 => image_from_rows(input)?,
            4 => image_from_frame(input)?,
            5 => program.extract(input)?,
            6 => program.compare(input)?,
            7 => program.compare_features(input)?,
            8 | 9 => program.identify(input)?,
            10 => program.decide(input)?,
            11 => program.prepare(input)?,
            _ => program.move_away(),
        }
    }
    Ok(())
}

/// What an output holds before a call; a logit is within 2^30.
const UNTOUCHED: i32 = i32::MAX;

/// Most bytes of a buffer.
const MOST_BYTES: usize = 1 << 18;

/// Memory of any length that begins where a number of `T` may, or beside it, and ends where its
/// allocation ends.
struct Memory {
    bytes: Vec<u8>,
    offset: usize,
}

impl Memory {
    fn new(input: &mut Unstructured<'_>, len: usize) -> Result<Self> {
        let offset = if input.ratio(1, 16)? { input.int_in_range(1..=7)? } else { 0 };
        Ok(Self { bytes: vec![input.arbitrary()?; offset + len], offset })
    }

    fn len(&self) -> usize {
        self.bytes.len() - self.offset
    }

    fn start(&mut self) -> *mut c_void {
        self.bytes[self.offset..].as_mut_ptr().cast()
    }
}

/// Rarely null in place of a pointer.
fn perhaps<T>(input: &mut Unstructured<'_>, pointer: *mut T) -> Result<*mut T> {
    Ok(if input.ratio(1, 16)? { null_mut() } else { pointer })
}

/// As long as it should be, a little more or less, any length, or one that no memory has.
fn length(input: &mut Unstructured<'_>, right: usize) -> Result<Length> {
    Ok(match input.int_in_range(0..=15)? {
        0 => Length::Real(right.saturating_sub(input.int_in_range(1..=8)?)),
        1 => Length::Real(right.saturating_add(input.int_in_range(1..=8)?)),
        2 => Length::Real(input.int_in_range(0..=600)?),
        3 => Length::Impossible(usize::MAX - input.int_in_range(0..=usize::MAX / 4)?),
        _ => Length::Real(right),
    })
}

#[derive(Clone, Copy)]
enum Length {
    Real(usize),
    Impossible(usize),
}

impl Length {
    /// Bytes that are allocated, and how many the call is told.
    fn both(self) -> (usize, usize) {
        match self {
            Self::Real(bytes) => (bytes.min(MOST_BYTES), bytes.min(MOST_BYTES)),
            Self::Impossible(told) => (16, told),
        }
    }
}

/// The memory of a program that uses the interface.
struct Program {
    comparator: Box<Comparator>,
    file: Vec<u8>,
    sizes: Sizes,
    /// What comparators were given; kept to the end, as the contract asks.
    lent: Vec<Memory>,
}

impl Program {
    fn new(input: &mut Unstructured<'_>) -> Result<Self> {
        let file = sound::model(input, |body| {
            let dimensions = Model::from_body(body).expect("a sound model").dimensions();
            let body = postcard::to_stdvec(body).expect("a body has a form in postcard");
            [&Header::integer(&body, &dimensions).to_bytes()[..], &body].concat()
        })?;
        let mut sizes = Sizes::default();
        // SAFETY: `file` and `sizes` are there, of the lengths that the call is told.
        let status = unsafe { arc_model_sizes(file.as_ptr(), file.len(), &raw mut sizes) };
        assert_eq!(status, Status::Ok);
        Ok(Self { comparator: Box::new(Comparator::zeroed()), file, sizes, lent: Vec::new() })
    }

    fn handle(&mut self, input: &mut Unstructured<'_>) -> Result<*mut Comparator> {
        perhaps(input, &raw mut *self.comparator)
    }

    /// A file, perhaps cut off or damaged.
    fn any_file(&self, input: &mut Unstructured<'_>) -> Result<Memory> {
        let mut bytes = self.file.clone();
        if input.ratio(1, 8)? {
            bytes.truncate(input.int_in_range(0..=bytes.len())?);
        }
        if input.ratio(1, 8)? && !bytes.is_empty() {
            let place = input.choose_index(bytes.len())?;
            bytes[place] = input.arbitrary()?;
        }
        bytes.shrink_to_fit();
        Ok(Memory { bytes, offset: 0 })
    }

    fn sizes(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        let mut file = self.any_file(input)?;
        let mut sizes = Memory::new(input, size_of::<Sizes>())?;
        let (start, len) = (perhaps(input, file.start())?, file.len());
        // SAFETY: the file is null or as long as the call is told; the sizes are null, misaligned or there.
        unsafe { arc_model_sizes(start.cast(), len, sizes.start().cast()) };
        let (sizes, supports) = (self.sizes, input.arbitrary()?);
        // SAFETY: `sizes` is a variable here.
        let bytes = unsafe { arc_identify_bytes(&raw const sizes, supports) };
        assert!(bytes >= sizes.batch_bytes && (bytes % 4 == 0 || bytes == usize::MAX));
        Ok(())
    }

    fn init(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        let sizes = self.sizes;
        let supports = input.int_in_range(0..=9)?;
        // SAFETY: `sizes` is a variable here.
        let identify = unsafe { arc_identify_bytes(&raw const sizes, supports) };
        let right = *input.choose(&[sizes.workspace_bytes, sizes.batch_bytes, identify])?;
        let (real, told) = length(input, right)?.both();
        let mut workspace = Memory::new(input, real)?;
        let mut file = self.any_file(input)?;
        let sound = file.bytes == self.file;
        let (start, len) = (file.start(), file.len());
        let memory = perhaps(input, workspace.start())?;
        let aligned = !memory.is_null() && memory.cast::<u32>().is_aligned();
        // SAFETY: file and workspace have their lengths, unless no memory could be as long, and are kept in `lent`.
        let status = unsafe {
            arc_comparator_init(&raw mut *self.comparator, start.cast(), len, memory, told)
        };
        if sound && aligned && (sizes.workspace_bytes..=real).contains(&told) {
            assert_eq!(status, Status::Ok);
        }
        self.lent.extend([workspace, file]);
        let per_image = input.arbitrary()?;
        // SAFETY: the comparator is null or there.
        unsafe { arc_limit_glimpses(self.handle(input)?, per_image) };
        Ok(())
    }

    /// An image of any side, mostly the model's, with the memory of its pixels.
    fn any_image(&self, input: &mut Unstructured<'_>) -> Result<(Image, Vec<i8>)> {
        let right = input.ratio(15, 16)?;
        let side = if right { self.sizes.image_side } else { input.int_in_range(0..=40)? };
        let least = if input.ratio(15, 16)? { 0 } else { -128 };
        let mut pixels: Vec<i8> = Noise::new(input)?.numbers(side * side, least, 127);
        Ok((Image { side, pixels: perhaps(input, pixels.as_mut_ptr())? }, pixels))
    }

    fn any_features(&self, input: &mut Unstructured<'_>) -> Result<Vec<i8>> {
        let least = if input.ratio(15, 16)? { 0 } else { -128 };
        Ok(Noise::new(input)?.numbers(self.sizes.feature_bytes, least, 127))
    }

    fn extract(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        let (mut image, _pixels) = self.any_image(input)?;
        let (real, told) = length(input, self.sizes.feature_bytes)?.both();
        let mut features = Memory::new(input, real)?;
        let output = perhaps(input, features.start())?;
        let image = perhaps(input, &raw mut image)?;
        let before = features.bytes.clone();
        // SAFETY: comparator, image and features are null or there; the features are as long as the call is told, unless no memory could be.
        let status = unsafe { arc_extract(self.handle(input)?, image, output.cast(), told) };
        assert!(status == Status::Ok || features.bytes == before, "an output after an error");
        Ok(())
    }

    fn compare(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        let (mut probe, _probe) = self.any_image(input)?;
        let (mut support, _support) = self.any_image(input)?;
        let mut own = UNTOUCHED;
        let output = match input.int_in_range(0..=15)? {
            0 => (&raw mut probe).cast(),
            1 if self.lent.first().is_some_and(|lent| lent.len() >= size_of::<i32>()) => {
                self.lent[0].start().cast()
            }
            _ => perhaps(input, &raw mut own)?,
        };
        let (probe, support) = (perhaps(input, &raw mut probe)?, perhaps(input, &raw mut support)?);
        let comparator = self.handle(input)?;
        let status = if input.arbitrary()? {
            // SAFETY: all pointers are null or there; the trace calls nothing but what a comparator at work refuses.
            unsafe {
                arc_compare_traced(
                    comparator,
                    probe,
                    support,
                    Some(trace),
                    comparator.cast(),
                    output,
                )
            }
        } else {
            // SAFETY: comparator, images and output are null or there.
            unsafe { arc_compare(comparator, probe, support, output) }
        };
        assert!(status == Status::Ok || own == UNTOUCHED, "an output after an error");
        Ok(())
    }

    fn compare_features(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        let (mut probe, mut support) = (self.any_features(input)?, self.any_features(input)?);
        let told = match length(input, probe.len())? {
            Length::Real(bytes) => bytes.min(probe.len()),
            Length::Impossible(told) => told,
        };
        let mut logit = UNTOUCHED;
        let (probe, support) =
            (perhaps(input, probe.as_mut_ptr())?, perhaps(input, support.as_mut_ptr())?);
        let output = perhaps(input, &raw mut logit)?;
        let comparator = self.handle(input)?;
        // SAFETY: comparator, features and logit are null or there; the features are as long as the call is told, unless no memory could be.
        let status = unsafe { arc_compare_features(comparator, probe, support, told, output) };
        assert!(status == Status::Ok || logit == UNTOUCHED, "an output after an error");
        Ok(())
    }

    fn identify(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        let right = if self.sizes.ways == 0 { 5 } else { self.sizes.ways };
        let count = if input.ratio(3, 4)? { right } else { input.int_in_range(0..=9)? };
        let mut features = Vec::new();
        for _ in 0..count {
            features.push(self.any_features(input)?);
        }
        let mut supports = Vec::new();
        for features in &mut features {
            supports.push(perhaps(input, features.as_mut_ptr())?.cast_const());
        }
        let mut ranking = Memory::new(input, count * size_of::<Match>())?;
        let output = match input.int_in_range(0..=15)? {
            // An output where an input is: that of a call which is to be refused.
            0 if size_of::<Match>() * count <= self.sizes.feature_bytes => {
                features.first_mut().map_or(null_mut(), |first| first.as_mut_ptr().cast())
            }
            _ => perhaps(input, ranking.start())?,
        };
        let told = if input.ratio(1, 16)? { usize::MAX - count } else { count };
        let given = perhaps(input, supports.as_mut_ptr())?;
        let by_image = input.arbitrary()?;
        let (mut image, _pixels) = self.any_image(input)?;
        let mut probe = self.any_features(input)?;
        let comparator = self.handle(input)?;
        // SAFETY: all pointers are null or there; supports and ranking have `count` places, unless no memory could have as many as the call is told.
        let status = unsafe {
            if by_image {
                let image = perhaps(input, &raw mut image)?;
                arc_identify(comparator, image, given, told, output.cast())
            } else {
                let probe = perhaps(input, probe.as_mut_ptr())?;
                arc_identify_features(comparator, probe, given, told, output.cast())
            }
        };
        if status == Status::Ok {
            let ranking = output.cast::<Match>();
            // SAFETY: the call has written them.
            let matches = (0..count).map(|k| unsafe { ranking.add(k).read() });
            let matches: Vec<_> = matches.collect();
            assert!(matches.is_sorted_by_key(|one| (std::cmp::Reverse(one.score), one.index)));
            let mut indices: Vec<_> = matches.iter().map(|one| one.index).collect();
            indices.sort_unstable();
            assert!(indices.into_iter().eq(0..count), "each support once");
        }
        Ok(())
    }

    fn decide(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        let (logit, status) = (input.arbitrary()?, input.arbitrary()?);
        let comparator = self.handle(input)?;
        // SAFETY: the comparator is null or there; a text of the library ends with a zero and is there for ever.
        unsafe {
            assert!(arc_probability(comparator, logit) >= -1);
            arc_accepts(comparator, logit);
            assert!(CStr::from_ptr(arc_error_text(status)).to_str().is_ok());
        }
        Ok(())
    }

    fn prepare(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        let side = self.sizes.image_side;
        let (real, told) = length(input, side * side)?.both();
        let mut pixels = Memory::new(input, real)?;
        let mut room = perhaps(input, pixels.start())?;
        if input.ratio(1, 16)?
            && let Some(lent) = self.lent.first_mut()
            && lent.len() >= told
        {
            room = lent.start();
        }
        let mut image = Image { side: 0, pixels: null() };
        let output = perhaps(input, &raw mut image)?;
        let comparator = self.handle(input)?;
        let status = with_frame(input, |frame, part| {
            // SAFETY: comparator, frame, its gray, part and output are null or there; the pixels, too, as long as the call is told, unless no memory could be.
            unsafe { arc_image_prepare(comparator, frame, part, room.cast(), told, output) }
        })?;
        assert!(status != Status::Ok || image.side == side, "an image of another side");
        assert!(status == Status::Ok || image.side == 0, "an output after an error");
        check(status, image);
        Ok(())
    }

    /// Puts the comparator where another one was, as a program may that does not read the header.
    fn move_away(&mut self) {
        let mut elsewhere = Box::new(Comparator::zeroed());
        std::mem::swap(&mut *elsewhere, &mut *self.comparator);
        self.comparator = elsewhere;
        // SAFETY: the comparator is there.
        let probability = unsafe { arc_probability(&raw const *self.comparator, 0) };
        assert_eq!(probability, -1, "a comparator that was moved works");
    }
}

/// Reads all of a step, and asks for what a comparator at work refuses.
unsafe extern "C" fn trace(comparator: *mut c_void, step: *const Step) {
    // SAFETY: the interface's contract: a step and what it points to are there.
    unsafe {
        let step = &*step;
        let glimpse = core::slice::from_raw_parts(step.glimpse, step.glimpse_len);
        let cell = core::slice::from_raw_parts(step.cell, step.hidden);
        let state = core::slice::from_raw_parts(step.state, step.hidden);
        core::hint::black_box((glimpse.to_vec(), cell.to_vec(), state.to_vec()));
        let mut logit = 0;
        let busy = arc_compare(comparator.cast(), null(), null(), &raw mut logit);
        assert_eq!(busy, Status::Busy);
    }
}

/// A side, a column or a length that is likely to be on an edge.
fn any_size(input: &mut Unstructured<'_>) -> Result<usize> {
    let edges = [0, 1, 65_535, 65_536, 1 << 31, 1 << 32, isize::MAX as usize, usize::MAX];
    Ok(if input.arbitrary()? { *input.choose(&edges)? } else { input.int_in_range(0..=40)? })
}

fn image_from_rows(input: &mut Unstructured<'_>) -> Result<()> {
    let (side, from_bits) = (any_size(input)?, input.arbitrary()?);
    let area = side.saturating_mul(side);
    let right = if from_bits { side.saturating_mul(side.div_ceil(8)) } else { area };
    let (real, rows_told) = length(input, right)?.both();
    let mut rows = Memory::new(input, real)?;
    let (real, pixels_told) = length(input, area)?.both();
    let mut pixels = Memory::new(input, real)?;
    let mut image = Image { side: 0, pixels: null() };
    let output = perhaps(input, &raw mut image)?;
    let start = perhaps(input, rows.start())?.cast();
    let room = perhaps(input, pixels.start())?.cast();
    // SAFETY: rows, pixels and image are null, misaligned or there, as long as the call is told, unless no memory could be.
    let status = unsafe {
        if from_bits {
            arc_image_from_bits(side, start, rows_told, room, pixels_told, output)
        } else {
            let ink = input.int_in_range(-1..=2)?;
            arc_image_from_gray(side, start, rows_told, ink, room, pixels_told, output)
        }
    };
    check(status, image);
    Ok(())
}

fn image_from_frame(input: &mut Unstructured<'_>) -> Result<()> {
    let side = any_size(input)?;
    let (real, told) = length(input, side.saturating_mul(side))?.both();
    let mut pixels = Memory::new(input, real)?;
    let room = perhaps(input, pixels.start())?.cast();
    let mut image = Image { side: 0, pixels: null() };
    let ink = input.int_in_range(-1..=2)?;
    let status = with_frame(input, |frame, part| {
        // SAFETY: frame, its gray, part and pixels are null or there, as long as the call is told, unless no memory could be.
        unsafe { arc_image_from_frame(frame, part, ink, side, room, told, &raw mut image) }
    })?;
    check(status, image);
    Ok(())
}

/// Works with a frame of noise and strokes, and a part of it; both are null or there.
fn with_frame(
    input: &mut Unstructured<'_>,
    work: impl FnOnce(*mut Frame, *mut Rect) -> Status,
) -> Result<Status> {
    let (width, height) = (any_size(input)?, any_size(input)?);
    // A frame that is too large is refused unseen; another one's memory is there, or null.
    let seen = width.max(height) <= 65_535;
    let held = width.saturating_mul(height) <= 1 << 16;
    let mut gray = Memory::new(input, if seen && held { width * height } else { 16 })?;
    let (paper, ink) = (input.int_in_range(1..=40)?, input.arbitrary()?);
    gray.bytes.iter_mut().step_by(paper).for_each(|gray| *gray = ink);
    let gray = if seen && !held { null_mut() } else { perhaps(input, gray.start())? };
    let mut frame = Frame { width, height, gray: gray.cast() };
    let frame = perhaps(input, &raw mut frame)?;
    let (x, y) = (any_size(input)?, any_size(input)?);
    let mut part = Rect { x, y, width: any_size(input)?, height: any_size(input)? };
    let part = if input.arbitrary()? { &raw mut part } else { null_mut() };
    Ok(work(frame, part))
}

/// What is called an image is one.
fn check(status: Status, image: Image) {
    if status == Status::Ok {
        // SAFETY: the call says so.
        let pixels = unsafe { core::slice::from_raw_parts(image.pixels, image.side * image.side) };
        assert!(pixels.iter().all(|&pixel| pixel >= 0));
    }
}
