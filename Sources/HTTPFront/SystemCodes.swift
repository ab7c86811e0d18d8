#if canImport(Glibc)
    import Glibc
#endif

/// EADDRINUSE of this system.
let addressInUseCode = EADDRINUSE
