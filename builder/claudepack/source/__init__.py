"""Where packs come from: a requirement becomes a pack tree."""
