package import LabClock

/// What an `If-Match` or `If-None-Match` names.
package enum ETagMatch: Sendable, Hashable {
    /// `*`: any existing object.
    case any
    /// A list of tags without their quotes.
    case tags([String])

    /// Reads a header's value: `*`, or tags in quotes or bare, separated by commas. A weak mark is dropped: S3's tags
    /// are strong.
    package init(header: some StringProtocol) {
        let trimmed = Self.trim(header[...])
        if trimmed == "*" {
            self = .any
            return
        }
        self = .tags(trimmed.split(separator: ",").map { Self.bare($0) })
    }

    /// A tag without surrounding blanks, weak mark and quotes.
    package static func bare(_ tag: some StringProtocol) -> String {
        var text = trim(tag[...])
        if text.hasPrefix("W/") { text = text.dropFirst(2) }
        if text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") { text = text.dropFirst().dropLast() }
        return String(text)
    }

    /// Whether the condition names this tag.
    package func matches(_ etag: ETag) -> Bool {
        switch self {
        case .any: return true
        case .tags(let tags):
            let text = etag.description
            return tags.contains(text)
        }
    }

    private static func trim(_ text: some StringProtocol) -> Substring {
        var rest = Substring(text)
        while let first = rest.first, first == " " || first == "\t" { rest = rest.dropFirst() }
        while let last = rest.last, last == " " || last == "\t" { rest = rest.dropLast() }
        return rest
    }
}

/// Conditions of a read (RFC 9110, 13.2.2). Times have a resolution of seconds.
package struct ReadConditions: Sendable, Hashable {
    package var ifMatch: ETagMatch?
    package var ifNoneMatch: ETagMatch?
    package var ifModifiedSince: LabTime?
    package var ifUnmodifiedSince: LabTime?

    package init(
        ifMatch: ETagMatch? = nil, ifNoneMatch: ETagMatch? = nil, ifModifiedSince: LabTime? = nil,
        ifUnmodifiedSince: LabTime? = nil
    ) {
        self.ifMatch = ifMatch
        self.ifNoneMatch = ifNoneMatch
        self.ifModifiedSince = ifModifiedSince
        self.ifUnmodifiedSince = ifUnmodifiedSince
    }
}

/// Conditions of PutObject, CopyObject's destination and CompleteMultipartUpload.
///
/// As at AWS `ifNoneMatch` can only be `*` and `ifMatch` only tags: anything else is `notImplemented`.
package struct WriteConditions: Sendable, Hashable {
    package var ifMatch: ETagMatch?
    package var ifNoneMatch: ETagMatch?

    package init(ifMatch: ETagMatch? = nil, ifNoneMatch: ETagMatch? = nil) {
        self.ifMatch = ifMatch
        self.ifNoneMatch = ifNoneMatch
    }

    /// Whether there is anything to check.
    package var isEmpty: Bool { ifMatch == nil && ifNoneMatch == nil }
}

/// Conditions of DeleteObject and of one key of DeleteObjects.
package struct DeleteConditions: Sendable, Hashable {
    /// `If-Match`, or `ETag` in DeleteObjects. `*` asks only that the object exists.
    package var ifMatch: ETagMatch?
    /// `x-amz-if-match-last-modified-time`, compared in whole seconds.
    package var ifMatchLastModified: LabTime?
    /// `x-amz-if-match-size`.
    package var ifMatchSize: UInt64?

    package init(ifMatch: ETagMatch? = nil, ifMatchLastModified: LabTime? = nil, ifMatchSize: UInt64? = nil) {
        self.ifMatch = ifMatch
        self.ifMatchLastModified = ifMatchLastModified
        self.ifMatchSize = ifMatchSize
    }

    /// Whether there is anything to check.
    package var isEmpty: Bool { ifMatch == nil && ifMatchLastModified == nil && ifMatchSize == nil }
}
