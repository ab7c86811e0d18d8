private import CPlatform

/// How many bytes at the start of a text a JSON string holds as they are: neither controls, quotes nor backslashes.
/// Looks at sixteen at a time.
package enum PlainText {
    /// Without those from 0x80 on, of which UTF-8 makes one character of several.
    package static func asciiCount(_ text: UnsafeRawBufferPointer) -> Int {
        text.baseAddress.map { cp_json_plain_ascii($0, text.count) } ?? 0
    }

    /// With all of UTF-8.
    package static func count(_ text: UnsafeRawBufferPointer) -> Int {
        text.baseAddress.map { cp_json_plain($0, text.count) } ?? 0
    }

    /// With all of UTF-8, but without DEL, which a terminal takes for a control.
    package static func printableCount(_ text: UnsafeRawBufferPointer) -> Int {
        text.baseAddress.map { cp_json_printable($0, text.count) } ?? 0
    }
}
