import AWSWire
import LabClock
import NIOHTTP1

extension S3HTTPService {
    /// DeleteObjects: 200 with what became of each key.
    func deleteObjects(_ call: S3Call) async throws(S3WireError) -> S3Reply {
        guard
            let document = try await RequestDocument.read(
                self, call, root: "Delete", limit: RequestDocument.listBytesMax, isChecksumRequired: true)
        else { throw S3WireError(.missingRequestBodyError) }
        var input = DeleteObjectsInput(bucket: call.bucket, entries: [])
        var isQuiet = false
        for element in document.root.children {
            if element.isNamed("Object") {
                input.entries.append(try entry(element))
            } else if element.isNamed("Quiet") {
                isQuiet = element.text == "true"
            } else {
                throw S3WireError(.malformedXML)
            }
        }
        let output = try await calling { () async throws(S3Error) in
            try await service.deleteObjects(input, call.context)
        }
        var xml = XMLWriter(result: "DeleteResult", capacity: 256 + output.outcomes.count * 64)
        for outcome in output.outcomes {
            if let error = outcome.error {
                append(S3WireError(error), outcome.entry, to: &xml)
            } else if !isQuiet {
                xml.start("Deleted")
                appendName(outcome.entry, to: &xml)
                xml.end("Deleted")
            }
        }
        xml.end("DeleteResult")
        return S3Reply(xml: xml)
    }

    private func entry(_ element: XMLElement) throws(S3WireError) -> DeleteObjectsInput.Entry {
        guard let key = element.text(of: "Key") else { throw S3WireError(.malformedXML) }
        var conditions = DeleteConditions()
        conditions.ifMatch = element.text(of: "ETag").map { ETagMatch(header: $0) }
        if let text = element.text(of: "Size") {
            guard let size = UInt64(text) else { throw S3WireError(.malformedXML) }
            conditions.ifMatchSize = size
        }
        if let text = element.text(of: "LastModifiedTime") {
            guard let time = Self.time(text) else { throw S3WireError(.malformedXML) }
            conditions.ifMatchLastModified = time
        }
        let version = element.text(of: "VersionId").flatMap { $0.isEmpty ? nil : $0 }
        return DeleteObjectsInput.Entry(key: Array(key.utf8), versionID: version, conditions: conditions)
    }

    private static func time(_ text: String) -> LabTime? {
        let milliseconds = HTTPDate.parse(text).map { $0 * 1000 } ?? ISO8601.parseExtended(text)
        return milliseconds.map { LabTime(millisecondsSinceEpoch: $0) }
    }

    private func append(_ error: S3WireError, _ entry: DeleteObjectsInput.Entry, to xml: inout XMLWriter) {
        xml.start("Error")
        appendName(entry, to: &xml)
        xml.element("Code", error.error.code)
        xml.element("Message", error.error.message)
        xml.end("Error")
    }

    private func appendName(_ entry: DeleteObjectsInput.Entry, to xml: inout XMLWriter) {
        xml.element("Key", String(decoding: entry.key, as: UTF8.self))
        xml.element("VersionId", ifPresent: entry.versionID)
    }
}
