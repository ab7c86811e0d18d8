import Bytes
import Encryption
import Items
import LabClock

extension ExportRecord {
    private var typeName: String {
        if case .full = extent { "FULL_EXPORT" } else { "INCREMENTAL_EXPORT" }
    }

    func description() -> API.ExportDescription {
        var description = API.ExportDescription()
        description.exportARN = id.arn
        description.exportStatus = outcome.status.rawValue
        description.startTime = started.seconds
        description.endTime = outcome.ended?.seconds
        description.exportManifest = outcome.status == .completed ? objectKey("manifest-summary.json") : nil
        description.tableARN = id.table.arn
        description.tableID = tableUUID
        description.clientToken = clientToken
        description.s3Bucket = bucket.name
        description.s3BucketOwner = bucket.expectedOwner
        description.s3Prefix = prefix
        description.failureCode = outcome.failure?.code
        description.failureMessage = outcome.failure?.message
        description.exportFormat = "DYNAMODB_JSON"
        if outcome.status == .completed {
            description.billedSizeBytes = sizeBytes
            description.itemCount = itemCount
        }
        description.exportType = typeName
        switch extent {
        case .full(let second): description.exportTime = Double(second)
        case .incremental(let from, let to, let hasOldImages):
            description.incrementalExportSpecification = API.IncrementalExportSpecification(
                exportFromTime: Double(from), exportToTime: Double(to),
                exportViewType: hasOldImages ? "NEW_AND_OLD_IMAGES" : "NEW_IMAGE")
        }
        return description
    }

    var summary: API.ExportSummary {
        API.ExportSummary(exportARN: id.arn, exportStatus: outcome.status.rawValue, exportType: typeName)
    }

    /// `manifest-summary.json`, of an export that is about to be completed.
    func manifestSummary(ended: LabTime) -> [UInt8] {
        var json = JSONWriter()
        func time(_ second: Int64) -> String { ISO8601.extended(unixMilliseconds: second * 1000) }
        json.beginObject()
        if case .full = extent {
            json.member("version", "2020-06-30")
        } else {
            json.member("version", "2023-08-01")
        }
        json.member("exportArn", id.arn)
        json.member("startTime", ISO8601.extended(unixMilliseconds: started.millisecondsSinceEpoch))
        json.member("endTime", ISO8601.extended(unixMilliseconds: ended.millisecondsSinceEpoch))
        json.member("tableArn", id.table.arn)
        json.member("tableId", tableUUID)
        switch extent {
        case .full(let second): json.member("exportTime", time(second))
        case .incremental(let from, let to, _):
            json.member("exportFromTime", time(from))
            json.member("exportToTime", time(to))
        }
        json.member("s3Bucket", bucket.name)
        json.nullable("s3Prefix", prefix)
        json.nullable("s3SseAlgorithm", nil)
        json.nullable("s3SseKmsKeyId", nil)
        json.member("manifestFilesS3Key", objectKey("manifest-files.json"))
        json.member("billedSizeBytes", sizeBytes)
        json.member("itemCount", itemCount)
        json.member("outputFormat", "DYNAMODB_JSON")
        if case .incremental(_, _, let hasOldImages) = extent {
            json.member("outputView", hasOldImages ? "NEW_AND_OLD_IMAGES" : "NEW_IMAGE")
        }
        json.member("exportType", typeName)
        json.endObject()
        return json.copyBytes()
    }

    /// The line of `manifest-files.json` that tells of a data file.
    func manifestLine(itemCount: Int, key: String, _ bytes: [UInt8]) -> [UInt8] {
        let digest = Digest.md5(bytes)
        var json = JSONWriter()
        json.beginObject()
        json.member("itemCount", itemCount)
        json.member("md5Checksum", Base64.encode(digest))
        json.member("etag", Hex.encode(digest))
        json.member("dataFileS3Key", key)
        json.endObject()
        return json.copyBytes()
    }
}

extension JSONWriter {
    fileprivate mutating func nullable(_ name: StaticString, _ value: String?) {
        self.name(name)
        if let value { string(value) } else { null() }
    }
}
