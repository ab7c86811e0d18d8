import AWSWire
import HTTPFront
package import NIOCore
package import NIOHTTP1

/// One verified request on its way to an operation.
struct S3Call {
    let request: HTTPRequest
    let operation: S3Operation
    let target: S3Target
    let verified: VerifiedRequest
    let headers: S3Headers
    let context: CallContext

    var bucket: String { target.bucket }

    /// The key of the path.
    ///
    /// - Throws: `KeyTooLongError`; `InvalidURI` for NUL and invalid UTF-8.
    func key() throws(S3WireError) -> ObjectKey { try ObjectKey.parse(target.key) }

    /// A query parameter; nil when absent, empty when it has no value.
    func parameter(_ name: String) -> String? { target.query.first(name: name) }

    /// A query parameter's bytes; empty when absent.
    func parameterBytes(_ name: String) -> [UInt8] { parameter(name).map { Array($0.utf8) } ?? [] }

    /// `versionId`; nil when absent.
    ///
    /// - Throws: `InvalidArgument` for an empty one.
    func versionID() throws(S3WireError) -> String? {
        guard let id = parameter("versionId") else { return nil }
        if id.isEmpty { throw .invalidArgument("versionId", id, "Version id cannot be the empty string") }
        return id
    }

    /// A parameter that must be a whole number when it is sent; nil when absent or empty.
    ///
    /// - Throws: `InvalidArgument`.
    func integer(_ name: String) throws(S3WireError) -> Int? {
        guard let text = parameter(name), !text.isEmpty else { return nil }
        // S3's numbers are 32 bits wide.
        guard let value = Int(text), value <= Int(Int32.max), value >= Int(Int32.min) else {
            throw .invalidArgument(name, text, "Provided \(name) not an integer or within integer range")
        }
        return value
    }

    /// `uploadId`, which the route has found.
    var uploadID: String { parameter("uploadId") ?? "" }

    /// `encoding-type`: whether keys are percent-coded in the answer.
    ///
    /// - Throws: `InvalidArgument` for anything but `url`.
    func encodesKeys() throws(S3WireError) -> Bool {
        guard let type = parameter("encoding-type"), !type.isEmpty else { return false }
        guard type.lowercased() == "url" else {
            throw .invalidArgument("encoding-type", type, "Invalid Encoding Method specified in Request")
        }
        return true
    }
}

/// An answer, before it is sent.
package struct S3Reply: Sendable {
    package enum Body: Sendable {
        case none
        case bytes(ByteBuffer)
        case stream(ObjectReader)
    }

    package var status: HTTPResponseStatus
    package var headers: HTTPHeaders
    package var body: Body

    init(_ status: HTTPResponseStatus = .ok, headers: HTTPHeaders = [:], body: Body = .none) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// An XML document as S3 types it.
    init(_ status: HTTPResponseStatus = .ok, headers: HTTPHeaders = [:], xml: XMLWriter) {
        self.init(status, headers: headers, body: .bytes(xml.buffer))
        self.headers.add(name: "Content-Type", value: "application/xml")
    }
}
