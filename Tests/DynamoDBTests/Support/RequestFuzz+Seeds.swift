extension RequestFuzz {
    private static let arn = "arn:aws:dynamodb:eu-west-1:111111111111:table/tab"

    /// What every text begins with: a table with everything that a table can have, and items in it.
    static let preparation = [
        """
        CreateTable {"TableName":"tab","BillingMode":"PAY_PER_REQUEST","StreamSpecification":\
        {"StreamEnabled":true,"StreamViewType":"NEW_AND_OLD_IMAGES"},\
        "KeySchema":[{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"s","KeyType":"RANGE"}],\
        "AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"},{"AttributeName":"s","AttributeType":"N"},\
        {"AttributeName":"g","AttributeType":"B"}],"LocalSecondaryIndexes":[{"IndexName":"loc","KeySchema":\
        [{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"g","KeyType":"RANGE"}],\
        "Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["v"]}}],"GlobalSecondaryIndexes":\
        [{"IndexName":"glo","KeySchema":[{"AttributeName":"g","KeyType":"HASH"},{"AttributeName":"s",\
        "KeyType":"RANGE"}],\
        "Projection":{"ProjectionType":"ALL"}}]}
        """,
        #"UpdateTimeToLive {"TableName":"tab","TimeToLiveSpecification":{"AttributeName":"t","Enabled":true}}"#,
        """
        UpdateContinuousBackups {"TableName":"tab","PointInTimeRecoverySpecification":\
        {"PointInTimeRecoveryEnabled":true}}
        """,
        """
        BatchWriteItem {"RequestItems":{"tab":[{"PutRequest":{"Item":{"p":{"S":"a"},"s":{"N":"1"},"g":{"B":"AQ=="},\
        "v":{"L":[{"S":"x"},{"NS":["1","2"]}]},"m":{"M":{"k":{"N":"5"}}},"t":{"N":"1700000001"}}}},\
        {"PutRequest":{"Item":{"p":{"S":"a"},"s":{"N":"2"},"g":{"B":"Ag=="},"v":{"N":"7"}}}},\
        {"PutRequest":{"Item":{"p":{"S":"b"},"s":{"N":"-1.5"},"v":{"BOOL":true}}}}]}}
        """,
        #"CreateBackup {"TableName":"tab","BackupName":"bak"}"#,
        """
        CreateTable {"TableName":"other","KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],\
        "AttributeDefinitions":[{"AttributeName":"p","AttributeType":"N"}],"ProvisionedThroughput":\
        {"ReadCapacityUnits":5,"WriteCapacityUnits":5}}
        """,
    ]

    /// Texts to start from: each has requests that are taken, and together they name every operation.
    static let seeds = [
        #"""
        PutItem {"TableName":"tab","Item":{"p":{"S":"a"},"s":{"N":"1"},"g":{"B":"AQ=="},"b":{"BS":["AA=="]},\#
        "z":{"NULL":true}},"ConditionExpression":"attribute_exists(#m.k) OR v[0] = :x",\#
        "ExpressionAttributeNames":{"#m":"m"},"ExpressionAttributeValues":{":x":{"S":"x"}},"ReturnValues":"ALL_OLD",\#
        "ReturnConsumedCapacity":"INDEXES","ReturnItemCollectionMetrics":"SIZE"}
        UpdateItem {"TableName":"tab","Key":{"p":{"S":"a"},"s":{"N":"2"}},"UpdateExpression":"SET v = \#
        if_not_exists(w, :n) + :n, m.k = :n REMOVE g","ConditionExpression":"size(p) > :z AND v BETWEEN :z AND :n",\#
        "ExpressionAttributeValues":{":n":{"N":"9"},":z":{"N":"0"}},"ReturnValues":"UPDATED_NEW"}
        UpdateItem {"TableName":"tab","Key":{"p":{"S":"c"},"s":{"N":"3"}},"AttributeUpdates":{"v":{"Action":"ADD",\#
        "Value":{"NS":["3"]}},"t":{"Action":"PUT","Value":{"N":"1700003000"}},"q":{"Action":"DELETE"}},\#
        "Expected":{"p":{"Exists":false}},"ReturnValues":"ALL_NEW"}
        DeleteItem {"TableName":"tab","Key":{"p":{"S":"b"},"s":{"N":"-1.5"}},\#
        "Expected":{"v":{"ComparisonOperator":"EQ","AttributeValueList":[{"BOOL":true}]}},\#
        "ConditionalOperator":"AND","ReturnValues":"ALL_OLD"}
        """#,
        #"""
        GetItem {"TableName":"tab","Key":{"p":{"S":"a"},"s":{"N":"1"}},"ProjectionExpression":"m.k, v[1], #t",\#
        "ExpressionAttributeNames":{"#t":"t"},"ConsistentRead":true,"ReturnConsumedCapacity":"TOTAL"}
        BatchGetItem {"RequestItems":{"tab":{"Keys":[{"p":{"S":"a"},"s":{"N":"1"}},{"p":{"S":"b"},\#
        "s":{"N":"-15E-1"}}],"AttributesToGet":["v"]},"other":{"Keys":[{"p":{"N":"1"}}],"ConsistentRead":true}}}
        TransactGetItems {"TransactItems":[{"Get":{"TableName":"tab","Key":{"p":{"S":"a"},"s":{"N":"1"}},\#
        "ProjectionExpression":"m"}},{"Get":{"TableName":"other","Key":{"p":{"N":"1"}}}}]}
        """#,
        #"""
        Query {"TableName":"tab","KeyConditionExpression":"p = :p AND s BETWEEN :a AND :b",\#
        "FilterExpression":"attribute_type(v, :t) OR contains(v, :p)","ExpressionAttributeValues":{":p":{"S":"a"},\#
        ":a":{"N":"0"},":b":{"N":"5"},":t":{"S":"N"}},"ScanIndexForward":false,"Limit":1,"Select":"COUNT",\#
        "ReturnConsumedCapacity":"INDEXES"}
        Query {"TableName":"tab","IndexName":"loc","KeyConditions":{"p":{"ComparisonOperator":"EQ",\#
        "AttributeValueList":[{"S":"a"}]},"g":{"ComparisonOperator":"BEGINS_WITH",\#
        "AttributeValueList":[{"B":"AQ=="}]}},"QueryFilter":{"v":{"ComparisonOperator":"NOT_NULL"}},\#
        "ExclusiveStartKey":{"p":{"S":"a"},"s":{"N":"1"},"g":{"B":"AQ=="}}}
        Query {"TableName":"tab","IndexName":"glo","KeyConditionExpression":"g = :g AND s > :s",\#
        "ExpressionAttributeValues":{":g":{"B":"Ag=="},":s":{"N":"1"}},"ProjectionExpression":"p, v"}
        Scan {"TableName":"tab","Segment":1,"TotalSegments":3,"ScanFilter":{"s":{"ComparisonOperator":"IN",\#
        "AttributeValueList":[{"N":"1"},{"N":"2"}]}},"Limit":2}
        Scan {"TableName":"tab","IndexName":"glo","ExclusiveStartKey":{"p":{"S":"a"},"s":{"N":"1"},"g":{"B":"AQ=="}},\#
        "FilterExpression":"NOT (v IN (:a, :b))","ExpressionAttributeValues":{":a":{"N":"7"},":b":{"NULL":true}}}
        """#,
        #"""
        BatchWriteItem {"RequestItems":{"tab":[{"DeleteRequest":{"Key":{"p":{"S":"a"},"s":{"N":"1"}}}},\#
        {"PutRequest":{"Item":{"p":{"S":"d"},"s":{"N":"1"}}}}],"other":[{"PutRequest":{"Item":{"p":{"N":"1"},\#
        "x":{"B":""}}}}]},"ReturnConsumedCapacity":"TOTAL","ReturnItemCollectionMetrics":"SIZE"}
        TransactWriteItems {"ClientRequestToken":"t1","TransactItems":[{"Put":{"TableName":"tab",\#
        "Item":{"p":{"S":"e"},"s":{"N":"1"}}}},{"Update":{"TableName":"other","Key":{"p":{"N":"1"}},\#
        "UpdateExpression":"ADD n :one","ExpressionAttributeValues":{":one":{"N":"1"}}}},\#
        {"ConditionCheck":{"TableName":"tab","Key":{"p":{"S":"a"},"s":{"N":"2"}},\#
        "ConditionExpression":"attribute_exists(p)"}},{"Delete":{"TableName":"tab","Key":{"p":{"S":"b"},\#
        "s":{"N":"-1.5"}}}}]}
        TransactWriteItems {"ClientRequestToken":"t1","TransactItems":[{"Put":{"TableName":"tab",\#
        "Item":{"p":{"S":"e"},"s":{"N":"1"}}}}]}
        TransactWriteItems {"TransactItems":[{"Put":{"TableName":"tab","Item":{"p":{"S":"a"},"s":{"N":"2"}},\#
        "ConditionExpression":"v > :v","ExpressionAttributeValues":{":v":{"N":"8"}},\#
        "ReturnValuesOnConditionCheckFailure":"ALL_OLD"}}]}
        """#,
        #"""
        ExecuteStatement {"Statement":"SELECT m.k, v[0] FROM \"tab\".\"glo\" WHERE g = ? AND s IN [1, 2] ORDER BY s \#
        DESC","Parameters":[{"B":"AQ=="}],"Limit":1,"ReturnConsumedCapacity":"INDEXES"}
        ExecuteStatement {"Statement":"UPDATE tab SET v = list_append(v, [1]) REMOVE m.k WHERE p = 'a' AND s = 1 \#
        RETURNING ALL NEW *"}
        BatchExecuteStatement {"Statements":[{"Statement":"INSERT INTO tab VALUE {'p': 'f', 's': 1, 'n': <<1, 2>>}"},\#
        {"Statement":"INSERT INTO other VALUE {'p': ?}","Parameters":[{"N":"1"}],\#
        "ReturnValuesOnConditionCheckFailure":"ALL_OLD"}]}
        ExecuteTransaction {"TransactStatements":[{"Statement":"DELETE FROM tab WHERE p = 'a' AND s = 2 AND size(p) \#
        = 1"},{"Statement":"EXISTS(SELECT * FROM other WHERE p = 1 AND p IS MISSING)"}],"ClientRequestToken":"t2"}
        """#,
        """
        UpdateTable {"TableName":"tab","AttributeDefinitions":[{"AttributeName":"v","AttributeType":"N"}],\
        "GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"two","KeySchema":[{"AttributeName":"v",\
        "KeyType":"HASH"}],\
        "Projection":{"ProjectionType":"KEYS_ONLY"}}}]}
        UpdateTable {"TableName":"tab","GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"glo"}}]}
        UpdateTable {"TableName":"tab","StreamSpecification":{"StreamEnabled":false}}
        UpdateTable {"TableName":"other","ProvisionedThroughput":{"ReadCapacityUnits":6,"WriteCapacityUnits":7},\
        "TableClass":"STANDARD_INFREQUENT_ACCESS","DeletionProtectionEnabled":false}
        DescribeTable {"TableName":"tab"}
        TagResource {"ResourceArn":"\(arn)","Tags":[{"Key":"k","Value":"v"}]}
        ListTagsOfResource {"ResourceArn":"\(arn)"}
        UntagResource {"ResourceArn":"\(arn)","TagKeys":["k"]}
        DeleteTable {"TableName":"other"}
        """,
        """
        CreateTable {"TableName":"new","BillingMode":"PAY_PER_REQUEST","KeySchema":\
        [{"AttributeName":"p","KeyType":"HASH"}],"AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"}],\
        "Tags":[{"Key":"k","Value":"v"}],"DeletionProtectionEnabled":true,"SSESpecification":{"Enabled":false}}
        ListTables {"Limit":1,"ExclusiveStartTableName":"other"}
        DescribeLimits {}
        DescribeEndpoints {}
        DescribeTimeToLive {"TableName":"tab"}
        UpdateTimeToLive {"TableName":"other","TimeToLiveSpecification":{"AttributeName":"x","Enabled":true}}
        DescribeContinuousBackups {"TableName":"tab"}
        ListStreams {"TableName":"tab","Limit":5}
        DescribeStream {"StreamArn":"\(arn)/stream/2023-11-14T22:13:20.000","Limit":5}
        GetShardIterator {"StreamArn":"\(arn)/stream/2023-11-14T22:13:20.000","ShardId":"\
        shardId-00001700000000000000-00000001","ShardIteratorType":"AFTER_SEQUENCE_NUMBER",\
        "SequenceNumber":"100000000000000000001"}
        GetRecords {"ShardIterator":"\(arn)/stream/2023-11-14T22:13:20.000|1|AAAA","Limit":10}
        """,
        """
        CreateBackup {"TableName":"tab","BackupName":"two"}
        RestoreTableToPointInTime {"SourceTableName":"tab","TargetTableName":"new","UseLatestRestorableTime":true,\
        "LocalSecondaryIndexOverride":[],"BillingModeOverride":"PROVISIONED","ProvisionedThroughputOverride":\
        {"ReadCapacityUnits":1,"WriteCapacityUnits":1}}
        RestoreTableToPointInTime {"SourceTableArn":"\(arn)","TargetTableName":"new2","RestoreDateTime":1700000003}
        UpdateContinuousBackups {"TableName":"tab","PointInTimeRecoverySpecification":\
        {"PointInTimeRecoveryEnabled":true,"RecoveryPeriodInDays":3}}
        ListBackups {"TableName":"tab","BackupType":"ALL","Limit":1,"TimeRangeLowerBound":1700000000}
        DescribeBackup {"BackupArn":"\(arn)/backup/01700000000000-00000000"}
        RestoreTableFromBackup {"BackupArn":"\(arn)/backup/01700000000000-00000000","TargetTableName":"old"}
        DeleteBackup {"BackupArn":"\(arn)/backup/01700000000000-00000000"}
        """,
        """
        ExportTableToPointInTime {"TableArn":"\(arn)","S3Bucket":"bucket","S3Prefix":"x","ExportFormat":"DYNAMODB_JSON"}
        ExportTableToPointInTime {"TableArn":"\(arn)","S3Bucket":"bucket","ExportType":"INCREMENTAL_EXPORT",\
        "IncrementalExportSpecification":{"ExportFromTime":1700000000,"ExportToTime":1700000960,\
        "ExportViewType":"NEW_AND_OLD_IMAGES"},"ClientToken":"c"}
        ListExports {"TableArn":"\(arn)","MaxResults":1}
        DescribeExport {"ExportArn":"\(arn)/export/01700000000000-00000000"}
        ImportTable {"S3BucketSource":{"S3Bucket":"bucket","S3KeyPrefix":"in"},"InputFormat":"CSV",\
        "InputFormatOptions":{"Csv":{"Delimiter":";","HeaderList":["p","q"]}},"InputCompressionType":"NONE",\
        "TableCreationParameters":{"TableName":"imp","KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],\
        "AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"}],"BillingMode":"PAY_PER_REQUEST"}}
        ListImports {"PageSize":1}
        DescribeImport {"ImportArn":"arn:aws:dynamodb:eu-west-1:111111111111:table/imp/import/01700000000000-00000000"}
        """,
    ]
}
