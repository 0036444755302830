//! Writes drawings as class folders of PNG files.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use png::{BitDepth, ColorType, Encoder};

use super::{Drawing, Group};
use crate::files::write_whole_unconfirmed;

impl Group {
    /// Writes `folder/GROUP/CLASS/NNNN_DD.png`, with the numbers of the class in the group and of
    /// the drawer, as in Omniglot.
    ///
    /// # Errors
    /// Names the file that cannot be written.
    pub fn save(&self, folder: &Path) -> Result<()> {
        for (class, number) in self.classes.iter().zip(1..) {
            let folder = folder.join(&self.name).join(&class.name);
            fs::create_dir_all(&folder)
                .with_context(|| format!("can't make {}", folder.display()))?;
            for (drawing, drawer) in class.drawings.iter().zip(1..) {
                let file = folder.join(format!("{number:04}_{drawer:02}.png"));
                let png = drawing.to_png().with_context(|| file.display().to_string())?;
                write_whole_unconfirmed(&file, &png)?;
            }
        }
        Ok(())
    }
}

impl Drawing {
    /// The PNG file, dark on light, that [`Drawing::decode`] reads back the same: one bit per pixel if every
    /// pixel is full ink or none, else 8-bit gray; black is ink.
    ///
    /// # Errors
    /// When the drawing has no pixels, or not as many as its sides say.
    pub fn to_png(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, self.width.into(), self.height.into());
        encoder.set_color(ColorType::Grayscale);
        let rows = self.ink.chunks(usize::from(self.width).max(1));
        let pixels: Vec<u8> = if self.ink.iter().all(|ink| [0, 255].contains(ink)) {
            encoder.set_depth(BitDepth::One);
            rows.flat_map(|row| row.chunks(8).map(pack)).collect()
        } else {
            encoder.set_depth(BitDepth::Eight);
            rows.flatten().map(|ink| 255 - ink).collect()
        };
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&pixels)?;
        writer.finish()?;
        Ok(bytes)
    }
}

/// Up to 8 pixels as the bits of a byte, the first in the highest bit; ink is 0.
fn pack(pixels: &[u8]) -> u8 {
    pixels.iter().zip((0..8).rev()).fold(0, |byte, (&ink, bit)| byte | u8::from(ink == 0) << bit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Class, Dataset};

    #[test]
    fn what_is_saved_loads_the_same() {
        let bits = Drawing {
            width: 11,
            height: 2,
            ink: [[255, 0], [0, 0]].concat().repeat(6)[..22].to_vec(),
        };
        let gray = Drawing { width: 3, height: 1, ink: vec![0, 100, 255] };
        let class = |name: &str, drawings| Class { name: name.to_owned(), drawings };
        let classes =
            vec![class("one", vec![bits.clone(), gray.clone()]), class("two", vec![gray])];
        let group = Group { name: "group".to_owned(), classes };
        let folder = tempfile::tempdir().unwrap();
        group.save(folder.path()).unwrap();
        assert!(folder.path().join("group/two/0002_01.png").exists());
        assert_eq!(Dataset::load(folder.path(), 11).unwrap().groups, [group]);
        assert_eq!(bits.to_png().unwrap()[24], 1, "bits per pixel");
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("group"), b"").unwrap();
        let class = Class { name: "class".to_owned(), drawings: Vec::new() };
        let group = Group { name: "group".to_owned(), classes: vec![class] };
        let error = group.save(folder.path()).unwrap_err().to_string();
        assert!(error.starts_with("can't make") && error.contains("group"), "{error}");
    }
}
