import Bytes
import Items
import Testing

private func number(_ text: String) throws -> Number38 { try Number38(parsing: text) }

struct Number38Tests {
    private static let seeds: [UInt64] = [1, 2, 3]

    @Test(arguments: seeds) func everySpellingOfANumberIsTheSameNumber(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<1_000 {
            let reference = ReferenceDecimal.random(using: &random)
            let spelling = reference.spelling(using: &random)
            let parsed = try number(spelling)
            #expect(parsed.description == reference.text, "\(spelling)")
            #expect(parsed.byteCount == reference.size, "\(spelling)")
            #expect(parsed.bytes.count == parsed.byteCount)
            #expect(parsed.bytes.withUnsafeBytes { Number38($0) } == parsed)
        }
    }

    @Test(arguments: seeds) func bytesSortAsNumbers(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let references = (0..<70).map { _ in ReferenceDecimal.random(using: &random) }
        let numbers = try references.map { try number($0.text) }
        for (a, x) in zip(references, numbers) {
            for (b, y) in zip(references, numbers) {
                let isBefore = ReferenceDecimal.isBefore(a, b)
                if isBefore != (x < y) || isBefore != x.bytes.lexicographicallyPrecedes(y.bytes) || (a == b) != (x == y)
                {
                    Issue.record("\(a.text) and \(b.text) are in another order as numbers")
                }
            }
        }
    }

    @Test(arguments: seeds) func sumsAndDifferencesAreExactOrRefused(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<1_500 {
            let a = ReferenceDecimal.random(using: &random)
            var b = random.oneIn(8) ? a : ReferenceDecimal.random(using: &random)
            let isDifference = random.oneIn(2)
            let x = try number(a.text)
            let y = try number(b.text)
            let result = Result { try isDifference ? x.subtracting(y) : x.adding(y) }
            if isDifference, !b.isZero { b.isNegative.toggle() }
            let sum = a + b
            switch result {
            case .success(let value): #expect(value.description == sum.text, "\(a.text) and \(b.text)")
            case .failure(let error):
                let expected: NumberError = sum.exponent < -130 && sum.digitCount <= 38 ? .underflow : .overflow
                #expect(error as? NumberError == expected, "\(a.text) and \(b.text)")
                #expect(sum.digitCount > 38 || !(-130...125 ~= sum.exponent), "\(a.text) and \(b.text)")
            }
        }
    }

    /// The table of docs/format/dynamodb-item.md.
    @Test(arguments: [
        ("0", "80"), ("1", "C102"), ("42", "C12B"), ("100", "C202"), ("1.5", "C10233"), ("-1", "3E6466"),
        ("1E-130", "8002"), ("-9.9E+125", "000266"),
    ])
    func theFormIsTheDocumentedOne(text: String, hex: String) throws {
        #expect(try Hex.encode(number(text).bytes, uppercase: true) == hex)
    }

    @Test(arguments: [
        ("1.0", "1"), ("-0", "0"), ("00042", "42"), ("3.1400", "3.14"), ("1.5E2", "150"), (".123", "0.123"),
        ("5.", "5"),
        ("+3", "3"), ("-17.4E37", "-174" + String(repeating: "0", count: 36)), ("1e+5", "100000"), ("0e125", "0"),
        ("0.1e126", "1" + String(repeating: "0", count: 125)), ("1E-3", "0.001"),
        ("12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
        ("1234567890123456789012345678901234567800", "1234567890123456789012345678901234567800"),
    ])
    func numbersAreAnsweredWithoutExponentsAndNeedlessZeros(text: String, answer: String) throws {
        #expect(try number(text).description == answer)
    }

    @Test(arguments: [
        "", "-", "+", ".", "e5", "1e", "1e+", "1 ", " 1", "dog", "-dog", "NaN", "Infinity", "-Infinity", "1..2",
        "1.2.3",
        "--1", "+-1", "0x10", "1,000", "١", "1e5.5", "\u{0}1", "1e9223372036854775808", "1e-99999999999999999999999999",
    ])
    func whatIsNoNumberIsMalformed(text: String) { #expect(throws: NumberError.malformed) { try number(text) } }

    @Test(
        arguments: [
            ("1e126", .overflow), ("-1e126", .overflow), ("11e125", .overflow), ("1.0e100000000", .overflow),
            ("1e9223372036854775807", .overflow), ("1e-131", .underflow), ("-1e-131", .underflow),
            ("0.9e-130", .underflow), ("1e-9223372036854775807", .underflow), ("1e2147483648", .overflow),
            ("0e126", .overflow), ("-0e126", .overflow), ("00e126", .overflow), ("0e-131", .underflow),
            ("0.00e-129", .underflow),
            ("123456789012345678901234567890123456789", .imprecise),
            ("-1.23456789012345678901234567890123456789", .imprecise),
            ("3.14159265358979323846264338327950288419", .imprecise),
            ("123456789012345678901234567890123456789e200", .overflow),
        ] as [(String, NumberError)])
    func numbersOutOfRangeAreRefused(text: String, error: NumberError) {
        #expect(throws: error) { try number(text) }
    }

    @Test func messagesAreThoseOfTheService() {
        #expect(NumberError.malformed.message(for: "") == "The parameter cannot be converted to a numeric value")
        #expect(NumberError.malformed.message(for: "b") == "The parameter cannot be converted to a numeric value: b")
    }

    /// The largest exponent has the sum of digits and places wrap around, and the next one is none.
    @Test(
        arguments: [
            ("1e126", .overflow), ("1e-131", .underflow), ("1E2147483646", .overflow), ("-1e+2147483646", .overflow),
            ("1e2147483647", .underflow), ("0e2147483647", .underflow), ("12e2147483646", .underflow),
            ("1.5e2147483646", .overflow), ("0.0015e2147483647", .overflow), ("1e2147483648", .malformed),
            ("1e-2147483647", .underflow), ("1e-2147483648", .malformed), ("1.5e-2147483647", .malformed),
            ("1e9223372036854775807", .malformed),
        ] as [(String, NumberError)])
    func parametersAreReadAsByJava(text: String, error: NumberError) throws {
        let refusal = try #require(throws: NumberError.self) { try number(text) }
        #expect(refusal.parameterMessage(for: text) == error.message(for: text))
    }

    @Test func sumsThatLoseDigitsOverflow() throws {
        #expect(throws: NumberError.overflow) { try number("1e50").adding(number("1")) }
        #expect(throws: NumberError.overflow) { try number("1e50").subtracting(number("1")) }
        #expect(throws: NumberError.overflow) { try number("9e125").adding(number("9e125")) }
        #expect(throws: NumberError.underflow) { try number("1.1e-130").subtracting(number("1e-130")) }
        #expect(try number("9e125").adding(number("9e124")) == number("9.9e125"))
        #expect(try number("1").adding(number("10000000000000000000000")).description == "10000000000000000000001")
    }

    @Test func integersAreNumbers() throws {
        for value in [0, 1, -1, 10, 100, 12_300, -99, Int.max, Int.min] {
            #expect(try Number38(value) == number(String(value)))
        }
    }

    @Test(arguments: ["", "C1", "8002FF", "C10100", "3E64", "3E6465", "C165", "C101", "3E6566", "80" + "64", "C10201"])
    func bytesThatNoNumberHasAreRefused(hex: String) throws {
        let bytes = try #require(Hex.decode(hex))
        let number = bytes.withUnsafeBytes { Number38($0) }
        #expect(number == nil || number?.bytes == bytes)
        if hex != "8064" { #expect(number == nil, "\(hex)") }
    }
}
