//! What the linker made of a program: addresses, sizes, and what is in it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use object::{Object, ObjectSection, ObjectSymbol, SectionFlags, elf};

/// A linked program, in memory.
pub struct Elf {
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Elf {
    /// Reads the file.
    ///
    /// # Errors
    ///
    /// If it can't be read or is no ELF file.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
        object::File::parse(&*bytes).with_context(|| path.display().to_string())?;
        Ok(Self { path: path.to_owned(), bytes })
    }

    fn file(&self) -> object::File<'_> {
        object::File::parse(&*self.bytes).expect("parsed when it was read")
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The address of a function.
    ///
    /// # Errors
    ///
    /// If there is none of this name.
    pub fn address(&self, name: &str) -> Result<u64> {
        let file = self.file();
        let symbol = file.symbol_by_name(name);
        symbol.map(|symbol| symbol.address()).with_context(|| format!("no symbol {name}"))
    }

    /// Bytes of the static variable whose mangled name contains `name`.
    ///
    /// # Errors
    ///
    /// If there is not exactly one.
    pub fn static_bytes(&self, name: &str) -> Result<u64> {
        let sizes: Vec<_> = self
            .file()
            .symbols()
            .filter(|symbol| symbol.name().is_ok_and(|symbol| symbol.contains(name)))
            .map(|symbol| symbol.size())
            .collect();
        ensure!(sizes.len() == 1, "{} symbols of the name {name}", sizes.len());
        Ok(sizes[0])
    }

    /// Bytes of flash: code, constants and the first values of variables.
    pub fn flash_bytes(&self) -> u64 {
        let in_flash = |section: &object::Section<'_, '_>| {
            let SectionFlags::Elf { sh_flags } = section.flags() else { return false };
            sh_flags & u64::from(elf::SHF_ALLOC) != 0
                && section.file_range().is_some_and(|(_, length)| length > 0)
        };
        self.file().sections().filter(in_flash).map(|section| section.size()).sum()
    }

    /// How often the constants contain these bytes.
    pub fn constants(&self, bytes: &[u8]) -> usize {
        let file = self.file();
        let constants = file.section_by_name(".rodata").and_then(|section| section.data().ok());
        let windows = constants.unwrap_or_default().windows(bytes.len());
        windows.filter(|window| *window == bytes).count()
    }

    /// The names of functions by which a program panics.
    pub fn panics(&self) -> Vec<String> {
        let file = self.file();
        let names = file.symbols().filter_map(|symbol| symbol.name().ok().map(str::to_owned));
        names.filter(|name| name.contains("panicking") || name.contains("begin_unwind")).collect()
    }
}
