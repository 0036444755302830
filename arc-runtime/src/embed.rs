//! Models in the program.

/// Embeds the model file at a path relative to the current source file, as `&[u8]`.
///
/// The build stops if the file is no integer model of a version that this crate reads.
///
/// ```
/// const MODEL: &[u8] = arc_runtime::include_model!("../tests/data/tiny.arc");
/// # assert!(arc_runtime::Model::load(MODEL).is_ok());
/// ```
#[macro_export]
macro_rules! include_model {
    ($path:expr $(,)?) => {{
        const MODEL: &[u8] = ::core::include_bytes!($path);
        const _: usize = $crate::workspace_words(MODEL);
        MODEL
    }};
}

/// Embeds a model file, and names all sizes, types and constructors that its use takes.
///
/// `gallery = N` asks for a gallery of up to `N` enrolled images and for the memory to identify among them; without
/// it there is memory to compare pairs. The module that is declared holds:
///
/// | | |
/// |---|---|
/// | `FILE` | the file's bytes |
/// | `IMAGE_SIDE` | rows and columns of an image |
/// | `pixels()` | a buffer for the pixels of an image |
/// | `model()` | the checked model |
/// | `Workspace` | the memory of a comparator, with `const fn new()` |
/// | `comparator(&model, &mut workspace)` | a comparator with the kernels of the target |
/// | `Gallery<L>` | enrolled images with labels of type `L`; with `gallery = N` alone |
///
/// ```
/// arc_runtime::embed!(mod tiny = "../tests/data/tiny.arc", gallery = 20);
///
/// # fn main() -> Result<(), Box<dyn core::error::Error>> {
/// let model = tiny::model()?;
/// let mut workspace = tiny::Workspace::new();
/// let mut comparator = tiny::comparator(&model, &mut workspace)?;
/// # let (mut one, mut other) = (tiny::pixels(), tiny::pixels());
/// # let image = arc_runtime::Image::new(tiny::IMAGE_SIDE, &one)?;
/// let mut gallery = tiny::Gallery::<u8>::new();
/// gallery.enroll(&mut comparator, 7, &image)?;
/// assert_eq!(gallery.identify(&mut comparator, &image)?.best().unwrap().label, 7);
/// # Ok(())
/// # }
/// ```
///
/// A workspace of another model does not compile:
///
/// ```compile_fail,E0308
/// arc_runtime::embed!(mod tiny = "../tests/data/tiny.arc");
///
/// let mut small = arc_runtime::Workspace::<10>::new();
/// let comparator = tiny::comparator(&tiny::model().unwrap(), &mut small);
/// ```
#[macro_export]
macro_rules! embed {
    ($(#[$meta:meta])* $visibility:vis mod $name:ident = $path:expr $(, gallery = $capacity:expr)? $(,)?) => {
        $(#[$meta])*
        $visibility mod $name {
            #[allow(unused_imports, reason = "the path and the capacity may name what is around")]
            use super::*;

            /// The model file.
            pub const FILE: &[u8] = $crate::include_model!($path);
            /// Rows and columns of an image.
            pub const IMAGE_SIDE: usize = $crate::format::sizes::image_side(FILE);

            /// The memory of a comparator.
            pub type Workspace = $crate::Workspace<{ $crate::embed!(@words $($capacity)?) }>;
            /// A comparator with the kernels of the target.
            pub type Comparator<'w> = $crate::Comparator<'static, &'w mut Workspace>;

            $(
                /// Enrolled images with labels.
                pub type Gallery<L> =
                    $crate::Gallery<L, { $capacity }, { $crate::feature_bytes(FILE) }>;
            )?

            /// A buffer for the pixels of an image.
            #[allow(dead_code, reason = "not every program scales images itself")]
            pub const fn pixels() -> [i8; IMAGE_SIDE * IMAGE_SIDE] {
                [0; IMAGE_SIDE * IMAGE_SIDE]
            }

            /// The checked model.
            ///
            /// # Errors
            /// If the file is damaged: see [`LoadError`]($crate::LoadError).
            pub fn model() -> ::core::result::Result<$crate::Model<'static>, $crate::LoadError> {
                $crate::Model::load(FILE)
            }

            /// A comparator that works in `workspace`, whatever it holds.
            ///
            /// # Errors
            /// If the kernels of the target want the weights packed:
            /// see [`ComparatorError`]($crate::ComparatorError).
            pub fn comparator<'w>(
                model: &$crate::Model<'static>,
                workspace: &'w mut Workspace,
            ) -> ::core::result::Result<Comparator<'w>, $crate::ComparatorError> {
                $crate::Comparator::new(model, workspace)
            }
        }
    };
    (@words) => { $crate::workspace_words(FILE) };
    (@words $capacity:expr) => { $crate::identify_words(FILE, $capacity) };
}
