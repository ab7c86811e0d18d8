import Bytes
package import NIOCore

/// Takes `aws-chunked` content apart: bytes in, pieces out. It checks framing and lengths, not signatures
/// (`PayloadVerifier` does), copies no payload, and holds no more than one line.
///
///     length;chunk-signature=…\r\n bytes \r\n … 0;chunk-signature=…\r\n [name:value\r\n …] \r\n
package struct AWSChunkedDecoder {
    private enum State: Equatable {
        case sizeLine
        case data(remaining: Int)
        /// The line end behind a chunk's bytes; so many of its two bytes have been seen.
        case dataEnd(seen: Int)
        case trailer
        /// The empty line behind the last chunk where there is no trailer.
        case lastLineEnd(seen: Int)
        case done
    }

    private let form: PayloadForm
    private let decodedLength: Int
    private var state = State.sizeLine
    private var input = ByteBuffer()
    /// The beginning of a line whose end has not arrived.
    private var partialLine: [UInt8] = []
    private var receivedLength = 0
    private var chunkIndex = 0
    private var chunkLength = 0
    private var chunkSignature: [UInt8] = []
    private var trailer = PayloadTrailer()
    private var trailerLineCount = 0

    /// - Parameters:
    ///   - form: one of the chunked forms.
    ///   - decodedLength: how many bytes the chunks must hold in all.
    package init(form: PayloadForm, decodedLength: Int) {
        precondition(form.isChunked, "a plain payload has no chunks")
        self.form = form
        self.decodedLength = decodedLength
    }

    /// Gives the decoder more input. What was pushed before must have been taken (`next()` returned nil).
    package mutating func push(_ bytes: ByteBuffer) {
        precondition(input.readableBytes == 0, "input is taken before more is pushed")
        input = bytes
    }

    /// The next piece; nil when more input is needed, or all is done.
    ///
    /// - Throws: `.malformedFraming`, `.chunkTooSmall`, `.malformedTrailer`, `.lengthMismatch`.
    package mutating func next() throws(PayloadError) -> PayloadPiece? {
        while true {
            switch state {
            case .sizeLine:
                guard let line = try takeLine(limit: PayloadLimits.chunkLineBytesMax, otherwise: .malformedFraming)
                else { return nil }
                if let piece = try beginChunk(line) { return piece }
            case .data(let remaining):
                guard let bytes = input.readSlice(length: min(remaining, input.readableBytes)),
                    bytes.readableBytes > 0
                else { return nil }
                let left = remaining - bytes.readableBytes
                state = left == 0 ? .dataEnd(seen: 0) : .data(remaining: left)
                return .bytes(bytes)
            case .dataEnd(let seen):
                guard let seen = try takeLineEnd(seen: seen) else { return nil }
                state = seen == 2 ? .sizeLine : .dataEnd(seen: seen)
                if seen == 2, form.signsChunks { return .chunkEnd(signature: chunkSignature) }
            case .trailer:
                guard let line = try takeLine(limit: PayloadLimits.trailerLineBytesMax, otherwise: .malformedTrailer)
                else { return nil }
                if let piece = try takeTrailerLine(line) { return piece }
            case .lastLineEnd(let seen):
                guard let seen = try takeLineEnd(seen: seen) else { return nil }
                state = seen == 2 ? .done : .lastLineEnd(seen: seen)
            case .done:
                guard input.readableBytes == 0 else { throw .malformedFraming }
                return nil
            }
        }
    }

    /// The input has ended. Gives the trailer if only its last empty line was missing.
    ///
    /// - Throws: `.lengthMismatch` when it ended in the middle.
    package mutating func finish() throws(PayloadError) -> PayloadPiece? {
        switch state {
        case .done, .lastLineEnd: return nil
        case .trailer where partialLine.isEmpty: return try endTrailer()
        case .trailer: throw .malformedTrailer
        case .data(let remaining):
            throw .lengthMismatch(declared: decodedLength, received: receivedLength - remaining)
        case .sizeLine, .dataEnd: throw .lengthMismatch(declared: decodedLength, received: receivedLength)
        }
    }

    private mutating func beginChunk(_ line: ArraySlice<UInt8>) throws(PayloadError) -> PayloadPiece? {
        let digits = line.prefix { $0 != UInt8(ascii: ";") }
        let length = try Self.hexLength(ASCII.trimmed(digits))
        if form.signsChunks { chunkSignature = Self.signature(in: line[digits.endIndex...]) }
        if length > 0, chunkIndex > 0, chunkLength < PayloadLimits.chunkBytesMin {
            throw .chunkTooSmall(index: chunkIndex, byteCount: chunkLength)
        }
        chunkIndex += 1
        chunkLength = length
        // Said at once, and not after reading what nobody will keep.
        guard receivedLength + length <= decodedLength else {
            throw .lengthMismatch(declared: decodedLength, received: receivedLength + length)
        }
        receivedLength += length
        if length > 0 {
            state = .data(remaining: length)
            return nil
        }
        guard receivedLength == decodedLength else {
            throw .lengthMismatch(declared: decodedLength, received: receivedLength)
        }
        state = form.hasTrailer ? .trailer : .lastLineEnd(seen: 0)
        return form.signsChunks ? .chunkEnd(signature: chunkSignature) : nil
    }

    private static func hexLength(_ digits: ArraySlice<UInt8>) throws(PayloadError) -> Int {
        guard !digits.isEmpty, digits.count <= PayloadLimits.chunkLengthDigitsMax else { throw .malformedFraming }
        var length = 0
        for digit in digits {
            guard let value = ASCII.hexValue(digit) else { throw .malformedFraming }
            length = length << 4 | Int(value)
        }
        return length
    }

    /// The value of `chunk-signature` among the extensions; empty when there is none, which then matches nothing.
    private static func signature(in extensions: ArraySlice<UInt8>) -> [UInt8] {
        for part in extensions.split(separator: UInt8(ascii: ";")) {
            let text = ASCII.trimmed(part)
            if text.starts(with: "chunk-signature=".utf8) { return Array(text.dropFirst(16)) }
        }
        return []
    }

    private mutating func takeTrailerLine(_ line: ArraySlice<UInt8>) throws(PayloadError) -> PayloadPiece? {
        trailerLineCount += 1
        guard trailerLineCount <= PayloadLimits.trailerLinesMax else { throw .malformedTrailer }
        if line.isEmpty {
            // Some senders put an empty line between the fields and their signature; AWS's own example does.
            if form.signsChunks, trailer.signature == nil { return nil }
            return try endTrailer()
        }
        guard trailer.signature == nil, let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
            throw .malformedTrailer
        }
        let name = String(decoding: ASCII.trimmed(line[..<colon]).lazy.map(ASCII.lowercase), as: UTF8.self)
        let value = ASCII.trimmed(line[(colon + 1)...])
        if name == "x-amz-trailer-signature" {
            trailer.signature = Array(value)
        } else {
            trailer.fields.append(.init(name: name, value: String(decoding: value, as: UTF8.self)))
        }
        return nil
    }

    private mutating func endTrailer() throws(PayloadError) -> PayloadPiece {
        if form.signsChunks, trailer.signature == nil { throw .malformedTrailer }
        state = .done
        return .trailer(trailer)
    }

    /// One byte of a line end; the new count of bytes seen, or nil when there is no input.
    private mutating func takeLineEnd(seen: Int) throws(PayloadError) -> Int? {
        guard let byte = input.readInteger(as: UInt8.self) else { return nil }
        guard byte == (seen == 0 ? ASCII.carriageReturn : ASCII.lineFeed) else { throw .malformedFraming }
        return seen + 1
    }

    /// A line without its end, or nil when the end has not arrived.
    private mutating func takeLine(limit: Int, otherwise error: PayloadError) throws(PayloadError) -> ArraySlice<UInt8>?
    {
        let view = input.readableBytesView
        // No further than a line may be long: what follows may be a megabyte of payload.
        let newline = view.prefix(limit + 1).firstIndex(of: ASCII.lineFeed)
        let end = newline ?? view.endIndex
        guard partialLine.count + (end - view.startIndex) <= limit else { throw error }
        partialLine.append(contentsOf: view[..<end])
        guard newline != nil else {
            input.clear()
            return nil
        }
        input.moveReaderIndex(to: end + 1)
        var line = partialLine[...]
        partialLine = []
        if line.last == ASCII.carriageReturn { line = line.dropLast() }
        return line
    }
}
