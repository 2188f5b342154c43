//! Plays a lesson on a cluster: run, check, reset, rebuild. The one player behind the screen, the plain mode and `verify`.
