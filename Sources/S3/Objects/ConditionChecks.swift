import LabClock

extension ReadConditions {
    /// What the conditions say about an object, in the precedence of RFC 9110 (13.2.2): a tag condition outranks the
    /// date of its kind.
    enum Verdict: Equatable {
        case proceed
        case notModified
        case failed(String)
    }

    func verdict(_ record: ObjectRecord) -> Verdict {
        if let ifMatch {
            if !ifMatch.matches(record.etag) { return .failed("If-Match") }
        } else if let ifUnmodifiedSince, record.lastModified.seconds > ifUnmodifiedSince.seconds {
            return .failed("If-Unmodified-Since")
        }
        if let ifNoneMatch {
            if ifNoneMatch.matches(record.etag) { return .notModified }
        } else if let ifModifiedSince, record.lastModified.seconds <= ifModifiedSince.seconds {
            return .notModified
        }
        return .proceed
    }

    /// For GET and HEAD.
    ///
    /// - Throws: `preconditionFailed`, `notModified`.
    func check(_ record: ObjectRecord) throws(S3Error) {
        switch verdict(record) {
        case .proceed: return
        case .notModified: throw .notModified(etag: record.etag, lastModified: record.lastModified)
        case .failed(let condition): throw .preconditionFailed(condition: condition)
        }
    }

    /// For the source of a copy, where every failure is 412.
    ///
    /// - Throws: `preconditionFailed`.
    func checkCopySource(_ record: ObjectRecord) throws(S3Error) {
        switch verdict(record) {
        case .proceed: return
        case .notModified:
            let header = ifNoneMatch != nil ? "If-None-Match" : "If-Modified-Since"
            throw .preconditionFailed(condition: "x-amz-copy-source-\(header)")
        case .failed(let condition): throw .preconditionFailed(condition: "x-amz-copy-source-\(condition)")
        }
    }
}

extension WriteConditions {
    /// Refuses what AWS does not implement, before the body is read.
    ///
    /// - Throws: `notImplemented`.
    func checkForm() throws(S3Error) {
        if let ifNoneMatch, ifNoneMatch != .any {
            throw .notImplemented(what: "If-None-Match with a value other than *")
        }
        if ifMatch == .any { throw .notImplemented(what: "If-Match: *") }
    }

    /// - Parameter current: the object that would be replaced.
    /// - Throws: `preconditionFailed`, `noSuchKey`.
    func check(_ current: ObjectRecord?, _ key: ObjectKey) throws(S3Error) {
        if let ifMatch {
            guard let current else { throw .noSuchKey(key) }
            if !ifMatch.matches(current.etag) { throw .preconditionFailed(condition: "If-Match") }
        }
        if ifNoneMatch != nil, current != nil { throw .preconditionFailed(condition: "If-None-Match") }
    }
}

extension DeleteConditions {
    /// - Throws: `preconditionFailed`.
    func check(_ current: ObjectRecord) throws(S3Error) {
        if let ifMatch, !ifMatch.matches(current.etag) { throw .preconditionFailed(condition: "If-Match") }
        if let ifMatchSize, ifMatchSize != current.size {
            throw .preconditionFailed(condition: "x-amz-if-match-size")
        }
        if let ifMatchLastModified, ifMatchLastModified.seconds != current.lastModified.seconds {
            throw .preconditionFailed(condition: "x-amz-if-match-last-modified-time")
        }
    }
}

extension LabTime {
    /// Whole seconds since the epoch: what HTTP dates compare.
    var seconds: Int64 {
        let quotient = millisecondsSinceEpoch / 1000
        return millisecondsSinceEpoch < quotient * 1000 ? quotient - 1 : quotient
    }
}
