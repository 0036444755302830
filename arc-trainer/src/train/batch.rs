//! What one step is shown: which drawings are compared, and how each is varied.

use rand::Rng;
use rand::seq::{IteratorRandom, SliceRandom, index::sample};
use rand_chacha::ChaCha8Rng;

use super::augment::{Affine, Bend, bend};
use crate::config::{AugmentationConfig, Recipe};

/// A grid of episodes: `episodes` times `way` probes against `way` supports.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    /// Episodes (E).
    pub episodes: usize,
    /// Probes and supports of an episode (K).
    pub way: usize,
    /// Canvas rows: for each episode its probes, then its supports.
    pub drawings: Vec<i64>,
    /// The map of each drawing.
    pub maps: Vec<Affine>,
    /// The bend of each drawing, one after the other; empty if none is bent.
    pub bends: Vec<f32>,
    /// For the pairs recipe, 1 where the pair shows one character, else 0.
    pub same: Vec<f32>,
}

/// The rows of a canvas: `[group][class][drawer]`.
type Rows = [Vec<Vec<i64>>];

/// A data set that episodes are drawn from.
#[derive(Debug, Clone, Copy)]
pub struct Set<'r> {
    /// The first row of each drawing.
    pub rows: &'r Rows,
    /// Share of the episodes.
    pub share: f64,
    /// Whether an episode may be turned by quarters and mirrored.
    pub turns: bool,
    /// Rows of each drawing, one of which is shown.
    pub versions: usize,
}

impl Batch {
    /// Draws a training batch. The alphabets are weighted by their number of characters.
    ///
    /// # Panics
    /// If an alphabet has fewer characters than an episode takes, or than the two of a pair.
    pub fn sample(
        rng: &mut ChaCha8Rng,
        sets: &[Set<'_>],
        recipe: Recipe,
        vary: &AugmentationConfig,
    ) -> Self {
        match recipe {
            Recipe::Episodes { episodes, way } => {
                let mut batch = Self::empty(episodes, way);
                for _ in 0..episodes {
                    let set = set(rng, sets);
                    let characters = alphabet(rng, set.rows);
                    let (probes, supports) = episode(rng, characters, way);
                    let turn = turn(rng, vary, set);
                    let character = character(rng, vary);
                    for side in [probes, supports] {
                        let drawer = character.then(&Affine::random(rng, &vary.drawer));
                        batch.maps.extend(
                            side.iter().map(|_| {
                                drawer.then(&Affine::random(rng, &vary.image)).then(&turn)
                            }),
                        );
                        batch.drawings.extend(side.into_iter().map(|row| row + version(rng, set)));
                    }
                }
                batch.bend(rng, vary)
            }
            Recipe::Pairs { pairs } => {
                let mut batch = Self::empty(pairs, 1);
                for k in 0..pairs {
                    let same = k % 2 == 0;
                    let set = set(rng, sets);
                    let turn = turn(rng, vary, set);
                    let character = character(rng, vary);
                    let characters = alphabet(rng, set.rows);
                    let pair = pair(rng, characters, same);
                    batch.drawings.extend(pair.map(|row| row + version(rng, set)));
                    for _ in 0..2 {
                        let own = character
                            .then(&Affine::random(rng, &vary.drawer))
                            .then(&Affine::random(rng, &vary.image));
                        batch.maps.push(own.then(&turn));
                    }
                    batch.same.push(f32::from(u8::from(same)));
                }
                batch.bend(rng, vary)
            }
        }
    }

    fn empty(episodes: usize, way: usize) -> Self {
        Self { episodes, way, ..Self::default() }
    }

    /// Draws the bends last, so that leaving them out does not shift the other draws.
    fn bend(mut self, rng: &mut ChaCha8Rng, vary: &AugmentationConfig) -> Self {
        if vary.elastic == 0.0 && vary.episode_elastic == 0.0 {
            return self;
        }
        for _ in 0..self.episodes {
            let shared = sheet(rng, vary.episode_elastic);
            for _ in 0..2 * self.way {
                let own = sheet(rng, vary.elastic);
                self.bends.extend(shared.iter().zip(own).map(|(shared, own)| shared + own));
            }
        }
        self
    }
}

// Where nothing is wanted, nothing is drawn, so that the draws that follow do not shift.

/// The set that an episode is drawn from, in proportion to the shares.
fn set<'s, 'r>(rng: &mut ChaCha8Rng, sets: &'s [Set<'r>]) -> &'s Set<'r> {
    let [first, others @ ..] = sets else { unreachable!("there is data to train on") };
    if others.is_empty() {
        return first;
    }
    let mut left = rng.random::<f64>();
    let drawn = others.iter().find(|set| {
        left -= set.share;
        left < 0.0
    });
    drawn.unwrap_or(first)
}

/// The turn of a whole episode, where the set allows one.
fn turn(rng: &mut ChaCha8Rng, vary: &AugmentationConfig, set: &Set<'_>) -> Affine {
    let turn = Affine::orthogonal(rng, vary);
    if set.turns { turn } else { Affine::IDENTITY }
}

/// The version of a drawing that is shown.
fn version(rng: &mut ChaCha8Rng, set: &Set<'_>) -> i64 {
    if set.versions > 1 { rng.random_range(0..set.versions as i64) } else { 0 }
}

/// A rubber sheet, flat for a range of 0.
fn sheet(rng: &mut ChaCha8Rng, range: f64) -> Bend {
    if range == 0.0 { Bend::default() } else { bend(rng, range) }
}

/// The change of an episode's characters into new ones.
fn character(rng: &mut ChaCha8Rng, vary: &AugmentationConfig) -> Affine {
    if vary.episode.is_none() { Affine::IDENTITY } else { Affine::random(rng, &vary.episode) }
}

/// An alphabet, drawn in proportion to its characters.
pub fn alphabet<'a>(rng: &mut ChaCha8Rng, rows: &'a Rows) -> &'a [Vec<i64>] {
    let characters = rows.iter().map(Vec::len).sum();
    let mut k = rng.random_range(0..characters);
    for alphabet in rows {
        if k < alphabet.len() {
            return alphabet;
        }
        k -= alphabet.len();
    }
    unreachable!("k is less than the sum of the lengths")
}

/// `way` characters of an alphabet, by two drawers.
///
/// # Panics
/// If the alphabet has fewer.
pub fn episode(rng: &mut ChaCha8Rng, alphabet: &[Vec<i64>], way: usize) -> (Vec<i64>, Vec<i64>) {
    let mut characters = sample(rng, alphabet.len(), way).into_vec();
    characters.shuffle(rng);
    let drawers = characters.iter().map(|&c| alphabet[c].len()).min().expect("way is at least 1");
    let two = sample(rng, drawers, 2);
    let by = |drawer: usize| characters.iter().map(|&c| alphabet[c][drawer]).collect();
    (by(two.index(0)), by(two.index(1)))
}

/// Two drawings of one character or of two.
fn pair(rng: &mut ChaCha8Rng, alphabet: &[Vec<i64>], same: bool) -> [i64; 2] {
    if same {
        let character = alphabet.iter().choose(rng).expect("an alphabet has characters");
        let two = sample(rng, character.len(), 2);
        [character[two.index(0)], character[two.index(1)]]
    } else {
        let two = sample(rng, alphabet.len(), 2);
        [0, 1]
            .map(|k| *alphabet[two.index(k)].iter().choose(rng).expect("a character has drawings"))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rand::SeedableRng;

    use super::*;
    use crate::config::AffineConfig;

    /// Three alphabets of 4, 9 and 2 characters, 5 drawers; row = 1000 group + 10 class + drawer.
    fn rows() -> Vec<Vec<Vec<i64>>> {
        let class = |g: i64, c: i64| (0..5).map(|d| 1000 * g + 10 * c + d).collect();
        [4, 9, 2]
            .iter()
            .enumerate()
            .map(|(g, &n)| (0..n).map(|c| class(g as i64, c)).collect())
            .collect()
    }

    fn alone(rows: &[Vec<Vec<i64>>]) -> Set<'_> {
        Set { rows, share: 1.0, turns: true, versions: 1 }
    }

    #[test]
    fn episodes_are_shared_out_among_sets_and_versions() {
        let (rows, vary) = (rows(), AugmentationConfig { mirror: true, ..Default::default() });
        // The rows of the second set begin at 10,000, and are three apart.
        let other: Vec<Vec<Vec<i64>>> =
            vec![(0..4).map(|c| (0..3).map(|d| 10_000 + 3 * (3 * c + d)).collect()).collect()];
        let sets = [alone(&rows), Set { rows: &other, share: 0.25, turns: false, versions: 3 }];
        let recipe = Recipe::Episodes { episodes: 4000, way: 2 };
        let batch = Batch::sample(&mut ChaCha8Rng::seed_from_u64(8), &sets, recipe, &vary);
        let (mut others, mut mirrored, mut versions) = (0, 0, BTreeSet::new());
        for (drawings, maps) in batch.drawings.chunks(4).zip(batch.maps.chunks(4)) {
            let of_other = drawings[0] >= 10_000;
            assert!(drawings.iter().all(|&row| (row >= 10_000) == of_other));
            if of_other {
                others += 1;
                versions.extend(drawings.iter().map(|row| (row - 10_000) % 3));
                assert!(maps.iter().all(|map| *map == Affine::IDENTITY));
            } else {
                mirrored += usize::from(maps[0] != Affine::IDENTITY);
            }
        }
        assert!((900..1100).contains(&others), "{others} of 4000, expected 1000");
        assert!((1300..1700).contains(&mirrored), "{mirrored} of 3000, expected 1500");
        assert_eq!(versions.into_iter().collect::<Vec<_>>(), [0, 1, 2]);
    }

    #[test]
    fn an_episode_is_one_alphabet_and_two_drawers() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for _ in 0..200 {
            let rows = rows();
            let characters = alphabet(&mut rng, &rows).to_vec();
            let way = 4.min(characters.len());
            let (a, b) = episode(&mut rng, &characters, way);
            let set =
                |f: fn(i64) -> i64, v: &[i64]| v.iter().map(|&r| f(r)).collect::<BTreeSet<_>>();
            assert_eq!(set(|r| r / 1000, &[&a[..], &b].concat()).len(), 1);
            assert_eq!((set(|r| r % 10, &a).len(), set(|r| r % 10, &b).len()), (1, 1));
            assert_ne!(a[0] % 10, b[0] % 10);
            assert_eq!(
                a.iter().map(|r| r / 10).collect::<Vec<_>>(),
                b.iter().map(|r| r / 10).collect::<Vec<_>>()
            );
        }
    }

    #[test]
    fn new_characters_are_those_of_a_whole_episode() {
        let affine = AffineConfig { rotation: 20.0, scale: 0.2, shear: 9.0, shift: 0.1 };
        let vary = AugmentationConfig {
            episode: affine,
            episode_elastic: 0.1,
            ..AugmentationConfig::default()
        };
        for recipe in [Recipe::Episodes { episodes: 3, way: 2 }, Recipe::Pairs { pairs: 3 }] {
            let batch =
                Batch::sample(&mut ChaCha8Rng::seed_from_u64(4), &[alone(&rows())], recipe, &vary);
            let per_episode = 2 * batch.way;
            let maps: Vec<_> = batch.maps.chunks(per_episode).collect();
            let bends: Vec<_> = batch.bends.chunks(32 * per_episode).collect();
            assert_eq!((maps.len(), bends.len()), (3, 3));
            for (maps, bends) in maps.iter().zip(&bends) {
                assert!(maps.iter().all(|map| *map == maps[0]));
                assert!(bends.chunks(32).all(|bend| *bend == bends[..32]));
            }
            assert!(maps[0][0] != maps[1][0] && bends[0][0] != bends[1][0]);
        }
    }

    #[test]
    fn pairs_are_half_same_and_never_one_drawing_twice() {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let batch = Batch::sample(
            &mut rng,
            &[alone(&rows())],
            Recipe::Pairs { pairs: 100 },
            &AugmentationConfig::default(),
        );
        for (pair, &same) in batch.drawings.chunks(2).zip(&batch.same) {
            assert_eq!(pair[0] / 1000, pair[1] / 1000);
            assert_eq!(pair[0] / 10 == pair[1] / 10, same == 1.0);
            assert_ne!(pair[0], pair[1]);
        }
        assert_eq!(batch.same.iter().sum::<f32>(), 50.0);
    }

    #[test]
    fn large_alphabets_come_more_often() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let rows = rows();
        let nines = (0..3000).filter(|_| alphabet(&mut rng, &rows).len() == 9).count();
        assert!((1650..1950).contains(&nines), "{nines} of 3000, expected 1800");
    }
}
