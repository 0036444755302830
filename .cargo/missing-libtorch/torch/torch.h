// Found only where libtorch's own torch/torch.h is not: see CPATH in .cargo/config.toml.
// A missing include, unlike an #error, stops the compiler at once.
#include "libtorch is missing: run `cargo xtask setup`, or set LIBTORCH to a libtorch 2.11.0"
