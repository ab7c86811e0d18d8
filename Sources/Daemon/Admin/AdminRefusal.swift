/// Why a request is none that an area of the admin API knows.
package enum AdminRefusal: Error, Equatable, Sendable {
    case unknownPath
    case wrongMethod
    /// A name or parameter is missing, unknown, badly encoded, or not what it must be.
    case malformed(String)
}
