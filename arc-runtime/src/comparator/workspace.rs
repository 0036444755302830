//! The memory of a comparator, where its size is known while compiling.

/// Memory that a comparator works in: `WORDS` words of 4 bytes.
///
/// [`embed!`](crate::embed) names the type that suits a model. Where models are met at run time, a comparator takes a
/// slice or a `Vec` of as many words as [`Dimensions`](crate::Dimensions) says.
///
/// ```
/// arc_runtime::embed!(mod tiny = "../../tests/data/tiny.arc");
///
/// static WORKSPACE: std::sync::Mutex<tiny::Workspace> = std::sync::Mutex::new(tiny::Workspace::new());
///
/// let mut workspace = WORKSPACE.lock().unwrap();
/// let comparator = tiny::comparator(&tiny::model()?, &mut workspace);
/// assert!(comparator.is_ok());
/// # Ok::<(), arc_runtime::LoadError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Workspace<const WORDS: usize>([u32; WORDS]);

impl<const WORDS: usize> Workspace<WORDS> {
    /// A workspace; what it holds between comparisons has no meaning.
    pub const fn new() -> Self {
        Self([0; WORDS])
    }
}

impl<const WORDS: usize> Default for Workspace<WORDS> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const WORDS: usize> AsMut<[u32]> for Workspace<WORDS> {
    fn as_mut(&mut self) -> &mut [u32] {
        &mut self.0
    }
}
