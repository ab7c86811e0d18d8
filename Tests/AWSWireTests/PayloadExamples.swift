import AWSWire
import Encryption
import HTTPFront
import NIOCore
import NIOHTTP1

/// AWS's published uploads of 66,560 letters `a` in chunks of 65,536, 1,024 and none.
enum PayloadExamples {
    static let scope = "20130524/us-east-1/s3/aws4_request"

    static func signing(seed: String) -> ChunkSigning {
        var key = HMACSHA256Key(Array("AWS4wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".utf8))
        for part in ["20130524", "us-east-1", "s3", "aws4_request"] {
            key = HMACSHA256Key(key.authenticationCode(of: Array(part.utf8)))
        }
        return ChunkSigning(
            key: key, timestamp: Array("20130524T000000Z".utf8), scope: Array(scope.utf8),
            seedSignature: Array(seed.utf8))
    }

    static let signedSeed = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
    static let signed =
        chunk(65_536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648")
        + chunk(1_024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497")
        + chunk(0, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9")

    static let trailerSeed = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"
    static let signedTrailer =
        chunk(65_536, "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2")
        + chunk(1_024, "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7")
        + Array("0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n".utf8)
        + Array(
            ("x-amz-checksum-crc32c:sOO8/Q==\r\n"
                + "x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n")
                .utf8)

    static func chunk(_ count: Int, _ signature: String) -> [UInt8] {
        Array("\(String(count, radix: 16));chunk-signature=\(signature)\r\n".utf8)
            + [UInt8](repeating: UInt8(ascii: "a"), count: count) + Array("\r\n".utf8)
    }

    /// What the decoder and the verifier make of an input that arrives in these pieces.
    static func decode(
        _ pieces: [ArraySlice<UInt8>], _ form: PayloadForm, length: Int, _ signing: ChunkSigning?
    ) throws -> (bytes: [UInt8], trailer: PayloadTrailer?) {
        var decoder = AWSChunkedDecoder(form: form, decodedLength: length)
        let verifier = PayloadVerifier(form: form, chunkSigning: signing)
        var bytes: [UInt8] = []
        var trailer: PayloadTrailer?
        func take(_ piece: PayloadPiece) throws {
            try verifier.consume(piece)
            if case .bytes(let buffer) = piece { bytes.append(contentsOf: buffer.readableBytesView) }
            if case .trailer(let fields) = piece { trailer = fields }
        }
        for piece in pieces {
            decoder.push(ByteBuffer(bytes: piece))
            while let next = try decoder.next() { try take(next) }
        }
        if let last = try decoder.finish() { try take(last) }
        try verifier.finish()
        return (bytes, trailer)
    }

    /// A verified request of this payload form, as `PayloadReader` wants it.
    static func request(
        _ form: PayloadForm, headers: [(String, String)] = [], signing: ChunkSigning? = nil
    ) -> VerifiedRequest {
        VerifiedRequest(
            identity: nil, region: "us-east-1", scheme: .anonymous, payload: form, headers: HTTPHeaders(headers),
            chunkSigning: signing)
    }

    /// A body that arrives in these pieces.
    static func body(_ pieces: [[UInt8]], declaredLength: Int?) -> RequestBody {
        let source = PieceSource(pieces)
        return RequestBody(declaredLength: declaredLength) { () async throws(BodyError) in source.next() }
    }
}

/// Hands out pieces. Used by one test's task only, hence safe to send.
final class PieceSource: @unchecked Sendable {
    private var pieces: [[UInt8]]

    init(_ pieces: [[UInt8]]) { self.pieces = pieces }

    func next() -> ByteBuffer? { pieces.isEmpty ? nil : ByteBuffer(bytes: pieces.removeFirst()) }
}
