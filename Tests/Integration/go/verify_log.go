// Checks a note and proofs of the log with the transparency-log packages of the Go project (golang.org/x/mod/sumdb).
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type question struct {
	Key         string      `json:"key"`
	Note        string      `json:"note"`
	Leaves      []string    `json:"leaves"`
	Inclusions  []inclusion `json:"inclusions"`
	Consistency []extension `json:"consistencies"`
}

type inclusion struct {
	Seq    int64    `json:"seq"`
	Leaf   string   `json:"leaf"`
	Size   int64    `json:"size"`
	Root   string   `json:"root"`
	Hashes []string `json:"hashes"`
}

type extension struct {
	From     int64    `json:"from"`
	FromRoot string   `json:"from_root"`
	Size     int64    `json:"size"`
	Root     string   `json:"root"`
	Hashes   []string `json:"hashes"`
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func hash(text string) tlog.Hash {
	parsed, err := tlog.ParseHash(text)
	check(err)
	return parsed
}

func hashes(texts []string) []tlog.Hash {
	parsed := []tlog.Hash{}
	for _, text := range texts {
		parsed = append(parsed, hash(text))
	}
	return parsed
}

func main() {
	var asked question
	check(json.NewDecoder(os.Stdin).Decode(&asked))
	verifier, err := note.NewVerifier(asked.Key)
	check(err)
	opened, err := note.Open([]byte(asked.Note), note.VerifierList(verifier))
	check(err)
	lines := strings.Split(opened.Text, "\n")
	fmt.Println(lines[0], lines[1], lines[2])
	for _, each := range asked.Inclusions {
		leaf := tlog.RecordHash([]byte(asked.Leaves[each.Seq]))
		if leaf != hash(each.Leaf) {
			check(fmt.Errorf("leaf %d has another hash", each.Seq))
		}
		check(tlog.CheckRecord(hashes(each.Hashes), each.Size, hash(each.Root), each.Seq, leaf))
	}
	for _, each := range asked.Consistency {
		check(tlog.CheckTree(hashes(each.Hashes), each.Size, hash(each.Root), each.From, hash(each.FromRoot)))
	}
	fmt.Println("ok")
}
