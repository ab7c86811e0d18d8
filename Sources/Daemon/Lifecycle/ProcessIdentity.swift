private import Glibc

/// What this process is to the system.
package enum ProcessIdentity {
    package static var processID: Int32 { getpid() }

    /// Processors that this process may use; at least 1.
    package static var processorCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}
