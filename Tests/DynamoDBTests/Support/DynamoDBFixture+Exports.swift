import Compression

@testable import DynamoDB

extension DynamoDBFixture {
    /// A request for an export of `tab` into `bucket`.
    func exportRequest(_ more: String) -> String {
        let bucket = more.contains("S3Bucket\"") ? "" : #","S3Bucket":"bucket""#
        return #"{"TableArn":"arn:aws:dynamodb:eu-west-1:111111111111:table/tab"\#(bucket)\#(more)}"#
    }

    /// Begins an export; the last part of its ARN.
    func export(_ more: String = "") async throws -> String {
        let answer = try await call(.exportTableToPointInTime, exportRequest(more))
        return String((answer.member("ExportArn") ?? "").split(separator: "/").last ?? "")
    }

    /// The lines of a data file.
    func lines(of key: String) throws -> [String] {
        let bytes = objects[key] ?? []
        let text = try bytes.withUnsafeBytes { try Inflate.expand($0, limit: 1 << 20) }
        return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// Begins an import into a new table; its ARN.
    @discardableResult
    func importTable(
        _ table: String, prefix: String, _ compression: String, format: String, keys: String, more: String = ""
    ) async throws -> String {
        let answer = try await call(
            .importTable,
            """
            {"S3BucketSource":{"S3Bucket":"bucket","S3KeyPrefix":"\(prefix)"},"InputFormat":"\(format)",
             "InputCompressionType":"\(compression)",
             "TableCreationParameters":{"TableName":"\(table)","BillingMode":"PAY_PER_REQUEST",\(keys)}\(more)}
            """)
        return answer.member("ImportArn") ?? ""
    }

    /// Begins an import into a table like that of `makeModelTable`.
    @discardableResult
    func importModel(
        _ table: String, prefix: String, _ compression: String, format: String = "DYNAMODB_JSON", more: String = ""
    ) async throws -> String {
        try await importTable(
            table, prefix: prefix, compression, format: format,
            keys: """
                "KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],"AttributeDefinitions":[
                {"AttributeName":"p","AttributeType":"S"},{"AttributeName":"v","AttributeType":"S"}],
                "GlobalSecondaryIndexes":[{"IndexName":"byV","KeySchema":[{"AttributeName":"v","KeyType":"HASH"}],
                "Projection":{"ProjectionType":"ALL"}}]
                """, more: more)
    }
}
