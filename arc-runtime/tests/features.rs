//! A build without some kind of model refuses such a model, and names the feature.

use arc_runtime::Model;
use arc_runtime::format::LoadError;

/// The feature that a file's model lacks, if it does.
fn lacks(file: &[u8]) -> Option<&'static str> {
    match Model::load(file) {
        Ok(_) => None,
        Err(LoadError::NotBuilt { feature, .. }) => Some(feature),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn what_is_not_built_is_refused_by_name() {
    let unless = |built: bool, feature| if built { None } else { Some(feature) };
    let stem = unless(cfg!(feature = "stem"), "stem");
    let context = unless(cfg!(feature = "context"), "context");
    let ways = unless(cfg!(feature = "ways"), "ways");
    assert_eq!(lacks(include_bytes!("../../arc-golden/arc.arc")), None);
    assert_eq!(lacks(include_bytes!("../../arc-golden/convarc.arc")), stem);
    assert_eq!(lacks(include_bytes!("../../arc-golden/context.arc")), stem.or(context));
    assert_eq!(lacks(include_bytes!("../../arc-golden/ways.arc")), stem.or(ways));
    let earlier = unless(cfg!(feature = "earlier"), "earlier");
    assert_eq!(lacks(include_bytes!("data/version1.arc")), earlier.or(stem));
}
