package main

import (
	"bytes"
	"errors"
	"net/http"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// checksums reads items of all sizes with the SDK's own check of X-Amz-Crc32, plain and compressed.
func checksums(lab *lab) {
	newTable(lab)
	for _, compressed := range []bool{false, true} {
		options := lab.options
		options.EnableAcceptEncodingGzip = compressed
		plain := lab.dynamo
		lab.dynamo = dynamodb.New(options)
		for _, size := range []int{1, 3_000, 40_000, 290_000} {
			body := bytes.Repeat([]byte("varve"), size/5+1)
			lab.put(thread{Forum: "go", Subject: "a", Body: body})
			answer := must(lab.dynamo.GetItem(
				lab.context, &dynamodb.GetItemInput{TableName: &lab.name, Key: key("go", "a")}))
			equal("body", read(answer.Item).Body, body)
			raw := awsmiddleware.GetRawResponse(answer.ResultMetadata).(*smithyhttp.Response)
			if raw.Header.Get("X-Amz-Crc32") == "" {
				fail("an answer of %d bytes has no checksum", size)
			}
		}
		lab.dynamo = plain
	}
}

// A lossy transport hands the first request on and loses its answer, as a broken connection does.
type lossy struct {
	requests int
	inner    http.RoundTripper
}

func (lossy *lossy) Do(request *http.Request) (*http.Response, error) {
	lossy.requests++
	response, err := lossy.inner.RoundTrip(request)
	if err == nil && lossy.requests == 1 {
		response.Body.Close()
		return nil, &smithyhttp.RequestSendError{Err: errors.New("connection reset by peer")}
	}
	return response, err
}

// retries holds that what the SDK sends again with its own token happens once.
func retries(lab *lab) {
	newTable(lab)
	options := lab.options
	transport := &lossy{inner: http.DefaultTransport}
	options.HTTPClient = transport
	must(dynamodb.New(options).TransactWriteItems(lab.context, &dynamodb.TransactWriteItemsInput{
		TransactItems: []types.TransactWriteItem{lab.addViews("a", 5)}}))
	equal("requests", transport.requests, 2)
	equal("counted once", read(lab.get("go", "a")).Views, 5)
}
