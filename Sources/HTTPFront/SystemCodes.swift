import Glibc

/// EADDRINUSE of this system.
let addressInUseCode = EADDRINUSE
