package main

import (
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

const threadsInPages = 40

// fill puts threads of two authors into a forum, with every tenth view count shared by ten of them.
func (lab *lab) fill() {
	newTable(lab)
	for number := 0; number < threadsInPages; number++ {
		lab.put(thread{
			Forum: "go", Subject: fmt.Sprintf("%03d", number), Author: []string{"ann", "bob"}[number%2],
			Views: number / 10})
	}
}

func queries(lab *lab) {
	lab.fill()
	query := func(
		index *string, key expression.KeyConditionBuilder, filter *expression.ConditionBuilder,
	) (int, []string) {
		builder := expression.NewBuilder().WithKeyCondition(key)
		if filter != nil {
			builder = builder.WithFilter(*filter)
		}
		built := must(builder.Build())
		pages := dynamodb.NewQueryPaginator(lab.dynamo, &dynamodb.QueryInput{
			TableName: &lab.name, IndexName: index, KeyConditionExpression: built.KeyCondition(),
			FilterExpression: built.Filter(), ExpressionAttributeNames: built.Names(),
			ExpressionAttributeValues: built.Values(), Limit: aws.Int32(7), ScanIndexForward: aws.Bool(false)})
		scanned, subjects := 0, []string{}
		for pages.HasMorePages() {
			page := must(pages.NextPage(lab.context))
			scanned += int(page.ScannedCount)
			equal("count", int(page.Count), len(page.Items))
			for _, item := range page.Items {
				subjects = append(subjects, read(item).Subject)
			}
		}
		return scanned, subjects
	}
	forum := expression.Key("forum").Equal(expression.Value("go"))
	_, all := query(nil, forum, nil)
	equal("all", len(all), threadsInPages)
	equal("newest first", all[0], "039")
	_, some := query(nil, forum.And(expression.Key("subject").BeginsWith("01")), nil)
	equal("a prefix", len(some), 10)
	_, some = query(nil, forum.And(
		expression.Key("subject").Between(expression.Value("005"), expression.Value("007"))), nil)
	equal("a range", some, []string{"007", "006", "005"})
	byAnn := expression.Name("author").Equal(expression.Value("ann"))
	scanned, some := query(nil, forum, &byAnn)
	equal("what was filtered", []int{scanned, len(some)}, []int{threadsInPages, threadsInPages / 2})
	// Pages that end among entries of one sort key lose none and repeat none.
	_, some = query(str("by-author"), expression.Key("author").Equal(expression.Value("bob")), nil)
	equal("of an index", len(distinct(some)), threadsInPages/2)
	_, some = query(str("by-views"), forum.And(expression.Key("views").GreaterThanEqual(expression.Value(2))), nil)
	equal("of a local index", len(distinct(some)), threadsInPages/2)
}

func distinct(texts []string) map[string]bool {
	seen := map[string]bool{}
	for _, text := range texts {
		if seen[text] {
			fail("%s is answered twice", text)
		}
		seen[text] = true
	}
	return seen
}

func scans(lab *lab) {
	lab.fill()
	const segments = 4
	var together sync.WaitGroup
	found := make([][]string, segments)
	failures := make([]error, segments)
	for segment := 0; segment < segments; segment++ {
		together.Add(1)
		go func(segment int) {
			defer together.Done()
			pages := dynamodb.NewScanPaginator(lab.dynamo, &dynamodb.ScanInput{
				TableName: &lab.name, Segment: aws.Int32(int32(segment)), TotalSegments: aws.Int32(segments),
				Limit: aws.Int32(3), ConsistentRead: aws.Bool(true)})
			for pages.HasMorePages() {
				page, err := pages.NextPage(lab.context)
				if err != nil {
					failures[segment] = err
					return
				}
				for _, item := range page.Items {
					found[segment] = append(found[segment], read(item).Subject)
				}
			}
		}(segment)
	}
	together.Wait()
	all := []string{}
	for segment := range found {
		must(0, failures[segment])
		all = append(all, found[segment]...)
	}
	equal("all segments", len(distinct(all)), threadsInPages)
	counted := must(lab.dynamo.Scan(lab.context, &dynamodb.ScanInput{
		TableName: &lab.name, IndexName: str("by-author"), Select: types.SelectCount}))
	equal("count", []any{int(counted.Count), len(counted.Items)}, []any{threadsInPages, 0})
}
