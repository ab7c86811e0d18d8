import Bytes
import Compression
import Testing

struct CompressionTests {
    @Test(arguments: [0, 1, 100, 65_536, 65_537, 1_000_000])
    func whatWasMadeSmallComesBack(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * $0 / 7) }
        let small = bytes.withUnsafeBytes { Gzip.compress($0) }
        #expect(try expand(small, limit: count) == bytes)
        #expect(try expand(small + small, limit: count * 2) == bytes + bytes)
        if count > 0 {
            #expect(throws: CompressionError.tooLarge(limit: count - 1)) { try expand(small, limit: count - 1) }
        }
    }

    /// `hello hello` as Python's modules zlib and gzip write it.
    @Test(arguments: [
        "789ccb48cdc9c957c800910019910449",
        "1f8b0800000000000203cb48cdc9c957c800910040a62d010b000000",
    ])
    func formsOfOtherMakersAreTaken(hex: String) throws {
        let bytes = try #require(Hex.decode(hex))
        #expect(try expand(bytes, limit: 11) == Array("hello hello".utf8))
    }

    @Test func whatIsNotOfTheFormIsRefused() throws {
        let small = Array("some text, some text, some text".utf8).withUnsafeBytes { Gzip.compress($0) }
        #expect(throws: CompressionError.malformed) { try expand([], limit: 100) }
        #expect(throws: CompressionError.malformed) { try expand(Array("{\"TableName\":\"abc\"}".utf8), limit: 100) }
        #expect(throws: CompressionError.malformed) { try expand(small + [0], limit: 100) }
        for count in 0..<small.count {
            #expect(throws: CompressionError.malformed) { try expand(Array(small[..<count]), limit: 100) }
        }
        for index in small.indices where index != 4 && !(3...9).contains(index) {
            var damaged = small
            damaged[index] ^= 0x55
            #expect(throws: CompressionError.self) { try expand(damaged, limit: 100) }
        }
    }

    /// A megabyte of zeros is about a kilobyte: the limit holds before memory is taken.
    @Test func bombsStopAtTheLimit() {
        let bomb = [UInt8](repeating: 0, count: 8 << 20).withUnsafeBytes { Gzip.compress($0) }
        #expect(bomb.count < 100_000)
        #expect(throws: CompressionError.tooLarge(limit: 1000)) { try expand(bomb, limit: 1000) }
    }

    private func expand(_ bytes: [UInt8], limit: Int) throws(CompressionError) -> [UInt8] {
        let result = bytes.withUnsafeBytes { (bytes) -> Result<[UInt8], CompressionError> in
            do throws(CompressionError) { return .success(try Inflate.expand(bytes, limit: limit)) } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
