package main

import (
	"bytes"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Sixty items of 300 KB: more than the 16 MB that one answer may have.
const (
	largeItems    = 60
	largeItemSize = 300_000
)

func batches(lab *lab) {
	newTable(lab)
	writes := []types.WriteRequest{}
	wanted := []map[string]types.AttributeValue{}
	for number := 0; number < largeItems; number++ {
		subject := fmt.Sprintf("%03d", number)
		large := thread{Forum: "go", Subject: subject, Body: bytes.Repeat([]byte{byte(number)}, largeItemSize)}
		writes = append(writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: large.item()}})
		wanted = append(wanted, key("go", subject))
	}
	for start := 0; start < len(writes); start += 25 {
		end := start + 25
		if end > len(writes) {
			end = len(writes)
		}
		for left := map[string][]types.WriteRequest{lab.name: writes[start:end]}; len(left) > 0; {
			left = must(lab.dynamo.BatchWriteItem(
				lab.context, &dynamodb.BatchWriteItemInput{RequestItems: left})).UnprocessedItems
		}
	}
	rounds, got := 0, map[string]bool{}
	for left := map[string]types.KeysAndAttributes{lab.name: {Keys: wanted}}; len(left) > 0; rounds++ {
		answer := must(lab.dynamo.BatchGetItem(lab.context, &dynamodb.BatchGetItemInput{RequestItems: left}))
		for _, item := range answer.Responses[lab.name] {
			thread := read(item)
			equal("size", len(thread.Body), largeItemSize)
			equal("answered before", got[thread.Subject], false)
			got[thread.Subject] = true
		}
		left = answer.UnprocessedKeys
	}
	equal("items", len(got), largeItems)
	if rounds < 2 {
		fail("one answer had %d bytes", largeItems*largeItemSize)
	}
	twice := []types.WriteRequest{
		{DeleteRequest: &types.DeleteRequest{Key: key("go", "000")}},
		{DeleteRequest: &types.DeleteRequest{Key: key("go", "000")}}}
	_, err := lab.dynamo.BatchWriteItem(lab.context, &dynamodb.BatchWriteItemInput{
		RequestItems: map[string][]types.WriteRequest{lab.name: twice}})
	invalid("Provided list of item keys contains duplicates", err)
}
