/// Which Varve this is.
package enum VarveVersion {
    /// Shown by `--version`, the admin API, the health answer and `varve_build_info`.
    package static let current = "0.1.0"
}
