import AWSWire
import NIOCore
import Testing

struct AWSChunkedTests {
    @Test func publishedSignedUploadVerifies() throws {
        let decoded = try PayloadExamples.decode(
            [PayloadExamples.signed[...]], .streamingSigned, length: 66_560,
            PayloadExamples.signing(seed: PayloadExamples.signedSeed))
        #expect(PayloadExamples.signed.count == 66_824)
        #expect(decoded.bytes == [UInt8](repeating: UInt8(ascii: "a"), count: 66_560))
        #expect(decoded.trailer == nil)
    }

    @Test func publishedTrailerUploadVerifies() throws {
        let decoded = try PayloadExamples.decode(
            [PayloadExamples.signedTrailer[...]], .streamingSignedTrailer, length: 66_560,
            PayloadExamples.signing(seed: PayloadExamples.trailerSeed))
        #expect(decoded.bytes.count == 66_560)
        #expect(decoded.trailer?.fields == [.init(name: "x-amz-checksum-crc32c", value: "sOO8/Q==")])
    }

    /// Some senders put an empty line before the trailer's signature.
    @Test func emptyLineBeforeTrailerSignatureIsSkipped() throws {
        let text = String(decoding: PayloadExamples.signedTrailer, as: UTF8.self)
            .replacing("sOO8/Q==\r\n", with: "sOO8/Q==\n\r\n")
        let decoded = try PayloadExamples.decode(
            [Array(text.utf8)[...]], .streamingSignedTrailer, length: 66_560,
            PayloadExamples.signing(seed: PayloadExamples.trailerSeed))
        #expect(decoded.trailer?.first(name: "x-amz-checksum-crc32c") == "sOO8/Q==")
    }

    @Test func anyFlippedByteOfLinesAndSomeOfDataIsRefused() throws {
        let signing = PayloadExamples.signing(seed: PayloadExamples.signedSeed)
        let original = PayloadExamples.signed
        let offsets =
            Array(0..<100) + [30_000, 65_600] + Array((original.count - 1_250)..<(original.count - 1_000))
            + Array((original.count - 90)..<original.count)
        for offset in offsets {
            var touched = original
            touched[offset] ^= 0x01
            // "chunk-signature" spelled otherwise leaves no signature, which matches nothing.
            #expect(throws: PayloadError.self, "byte \(offset)") {
                try PayloadExamples.decode([touched[...]], .streamingSigned, length: 66_560, signing)
            }
        }
    }

    static let unsigned = Array(
        ("2000\r\n" + String(repeating: "x", count: 8_192) + "\r\n5\r\nhello\r\n0\r\n"
            + "x-amz-checksum-crc32:NSRBwg==\r\n\r\n").utf8)

    @Test func splitAtEveryByteGivesTheSame() throws {
        // The long chunk of equal bytes is split sparsely, the framing everywhere.
        let input = Self.unsigned
        let cuts = Array(0..<40) + Array(stride(from: 40, to: 8_180, by: 701)) + Array(8_180...input.count)
        for cut in cuts {
            let decoded = try PayloadExamples.decode(
                [input[..<cut], input[cut...]], .streamingUnsignedTrailer, length: 8_197, nil)
            #expect(decoded.bytes.count == 8_197 && decoded.bytes.suffix(5).elementsEqual("hello".utf8))
            #expect(decoded.trailer?.first(name: "x-amz-checksum-crc32") == "NSRBwg==")
        }
        let single = input.indices.map { input[$0...$0] }
        #expect(try PayloadExamples.decode(single, .streamingUnsignedTrailer, length: 8_197, nil).bytes.count == 8_197)
    }

    @Test func cutOffAnywhereIsRefused() throws {
        let input = Self.unsigned
        // Without its last empty line the trailer is still whole.
        for end in Array(0..<40) + Array(8_180..<(input.count - 4)) {
            #expect(throws: PayloadError.self, "cut at \(end)") {
                let decoded = try PayloadExamples.decode([input[..<end]], .streamingUnsignedTrailer, length: 8_197, nil)
                if decoded.trailer?.fields.isEmpty ?? true { throw PayloadError.malformedTrailer }
            }
        }
    }

    @Test(arguments: [
        ("5\r\nhello\r\n5\r\nhello\r\n0\r\n\r\n", 10, PayloadError.chunkTooSmall(index: 1, byteCount: 5)),
        ("5\r\nhello\r\n0\r\n\r\n", 4, .lengthMismatch(declared: 4, received: 5)),
        ("5\r\nhello\r\n0\r\n\r\n", 6, .lengthMismatch(declared: 6, received: 5)),
        ("5\r\nhelloX", 5, .malformedFraming),
        ("xyz\r\n", 5, .malformedFraming),
        ("\r\n", 5, .malformedFraming),
        ("ffffffffffffffff\r\n", 5, .malformedFraming),
        ("fffffffffffffff\r\n", 5, .lengthMismatch(declared: 5, received: 0xfff_ffff_ffff_ffff)),
        (String(repeating: "0", count: 300), 5, .malformedFraming),
        ("0\r\nno colon\r\n\r\n", 0, .malformedTrailer),
        ("0\r\n" + String(repeating: "a:b\r\n", count: 17) + "\r\n", 0, .malformedTrailer),
        ("0\r\na:b\r\n\r\nmore", 0, .malformedFraming),
        ("5\r\nhel", 5, .lengthMismatch(declared: 5, received: 3)),
    ])
    func badFramingIsRefused(text: String, length: Int, error: PayloadError) {
        #expect(throws: error) {
            try PayloadExamples.decode([Array(text.utf8)[...]], .streamingUnsignedTrailer, length: length, nil)
        }
    }

    @Test func dataIsASliceOfTheInput() throws {
        var decoder = AWSChunkedDecoder(form: .streamingUnsignedTrailer, decodedLength: 8_197)
        let input = ByteBuffer(bytes: Self.unsigned)
        decoder.push(input)
        guard case .bytes(let slice)? = try decoder.next() else {
            Issue.record("no bytes")
            return
        }
        let whole = input.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) }
        #expect(slice.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) } == whole + 6)
    }
}
