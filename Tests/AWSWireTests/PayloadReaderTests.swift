import AWSWire
import Encryption
import HTTPFront
import NIOCore
import NIOHTTP1
import Testing

struct PayloadReaderTests {
    static let hello = Array("hello".utf8)

    @Test func plainPayloadWithoutLengthIsRefused() {
        #expect(throws: PayloadError.lengthMissing) {
            try PayloadReader(
                PayloadExamples.body([Self.hello], declaredLength: nil), of: PayloadExamples.request(.unsigned))
        }
        #expect(PayloadError.lengthMissing.awsError.status == .lengthRequired)
    }

    @Test(arguments: [nil, "five", "-5", "99999999999999999999"])
    func chunkedPayloadNeedsItsDecodedLength(text: String?) {
        let headers = text.map { [("x-amz-decoded-content-length", $0)] } ?? []
        let error = text.map { PayloadError.malformedDecodedLength($0) } ?? .lengthMissing
        #expect(throws: error) {
            try PayloadReader(
                PayloadExamples.body([], declaredLength: 10),
                of: PayloadExamples.request(.streamingUnsignedTrailer, headers: headers))
        }
    }

    @Test func signedPayloadIsComparedWithItsDigest() async throws {
        let good = PayloadExamples.request(.signed(sha256: Digest.sha256(Self.hello)))
        let reader = try PayloadReader(PayloadExamples.body([Self.hello], declaredLength: 5), of: good)
        let bytes = try await reader.collect(limit: 5)
        #expect(Array(bytes.readableBytesView) == Self.hello)

        let bad = PayloadExamples.request(.signed(sha256: Digest.sha256(Array("other".utf8))))
        let second = try PayloadReader(PayloadExamples.body([Self.hello], declaredLength: 5), of: bad)
        #expect(try await second.next()?.readableBytes == 5)
        let error = await #expect(throws: PayloadError.self) { try await second.next() }
        #expect(error?.awsError.code == "XAmzContentSHA256Mismatch")
    }

    @Test func payloadDeclaredEmptyMustBeEmpty() async throws {
        let request = PayloadExamples.request(.empty)
        let empty = try PayloadReader(PayloadExamples.body([], declaredLength: 0), of: request)
        #expect(try await empty.next() == nil)
        let full = try PayloadReader(PayloadExamples.body([Self.hello], declaredLength: 5), of: request)
        await #expect(throws: PayloadError.self) { try await full.collect(limit: 10) }
    }

    @Test func tooLongBodyIsNotCollected() async throws {
        let reader = try PayloadReader(
            PayloadExamples.body([Self.hello], declaredLength: 5), of: PayloadExamples.request(.unsigned))
        await #expect(throws: PayloadError.body(.tooLarge(limit: 4))) { try await reader.collect(limit: 4) }
    }

    @Test func signedTrailerUploadGivesBytesAndTrailer() async throws {
        let request = PayloadExamples.request(
            .streamingSignedTrailer,
            headers: [("x-amz-decoded-content-length", "66560"), ("x-amz-trailer", "x-amz-checksum-crc32c")],
            signing: PayloadExamples.signing(seed: PayloadExamples.trailerSeed))
        let input = PayloadExamples.signedTrailer
        let pieces = stride(from: 0, to: input.count, by: 7_001).map {
            Array(input[$0..<min(input.count, $0 + 7_001)])
        }
        let reader = try PayloadReader(PayloadExamples.body(pieces, declaredLength: nil), of: request)
        #expect(reader.length == 66_560)
        #expect(try await reader.collect(limit: 66_560).readableBytes == 66_560)
        #expect(reader.trailer?.first(name: "x-amz-checksum-crc32c") == "sOO8/Q==")
    }

    @Test(arguments: ["", "x-amz-checksum-crc32", "x-amz-checksum-crc32c,x-amz-checksum-sha1"])
    func trailerMustBeTheOneAnnounced(names: String) async throws {
        let request = PayloadExamples.request(
            .streamingUnsignedTrailer,
            headers: [("x-amz-decoded-content-length", "5"), ("x-amz-trailer", names)])
        let text = "5\r\nhello\r\n0\r\nx-amz-checksum-crc32c:mnG7TA==\r\n\r\n"
        let reader = try PayloadReader(
            PayloadExamples.body([Array(text.utf8)], declaredLength: text.utf8.count), of: request)
        await #expect(throws: PayloadError.malformedTrailer) { try await reader.collect(limit: 5) }
    }

    @Test func verificationCanBeTheCallers() async throws {
        let request = PayloadExamples.request(.signed(sha256: Digest.sha256(Array("other".utf8))))
        let reader = try PayloadReader(PayloadExamples.body([Self.hello], declaredLength: 5), of: request)
        var pieces: [PayloadPiece] = []
        while let piece = try await reader.nextPiece() { pieces.append(piece) }
        #expect(reader.verifier.isNeeded)
        for piece in pieces { try reader.verifier.consume(piece) }
        #expect(throws: PayloadError.self) { try reader.verifier.finish() }
    }

    @Test(arguments: [
        ("aws-chunked", nil), ("gzip", "gzip"), ("aws-chunked,gzip", "gzip"), ("gzip, aws-chunked , br", "gzip,br"),
        ("", nil), ("deflate, gzip", "deflate, gzip"), ("aws-chunked, aws-chunked", nil),
    ])
    func awsChunkedIsNotStoredAsACoding(header: String, stored: String?) {
        #expect(ContentCoding.stored(header) == stored)
    }
}
