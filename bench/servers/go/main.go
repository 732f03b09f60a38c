// The same two requests in Go: net/http and pgx, which prepares statements by itself. It stands for what the platform allows.
package main

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

type term struct {
	Term       string `json:"term"`
	Popularity int64  `json:"popularity"`
}

type searchResult struct {
	Terms []term `json:"terms"`
}

func pool(variable string) *pgxpool.Pool {
	config, err := pgxpool.ParseConfig(os.Getenv(variable))
	if err != nil {
		log.Fatal(err)
	}
	size, err := strconv.Atoi(os.Getenv("APP_POOL_SIZE"))
	if err != nil {
		log.Fatal(err)
	}
	config.MaxConns = int32(size)
	connections, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		log.Fatal(err)
	}
	return connections
}

func hash(key []byte, value string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(value))
	return hex.EncodeToString(mac.Sum(nil))[:32]
}

func newID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func answer(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(text)
}

func main() {
	key := []byte(os.Getenv("APP_HASH_KEY"))
	insert, search := os.Getenv("BENCH_INSERT_LOGIN"), os.Getenv("BENCH_SEARCH")
	writer, reader := pool("APP_DB_WRITER_URL"), pool("APP_DB_READER_URL")

	http.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			UserID string `json:"userId"`
		}
		err := json.NewDecoder(r.Body).Decode(&body)
		if err != nil || body.UserID == "" || len(body.UserID) > 128 {
			answer(w, http.StatusBadRequest, map[string]string{"error": "userId"})
			return
		}
		id := newID()
		host, _, _ := net.SplitHostPort(r.RemoteAddr)
		if _, err := writer.Exec(r.Context(), insert, id, body.UserID, hash(key, host), hash(key, r.UserAgent())); err != nil {
			answer(w, http.StatusInternalServerError, map[string]string{"error": err.Error()})
			return
		}
		answer(w, http.StatusCreated, map[string]string{"id": id})
	})

	http.HandleFunc("GET /search", func(w http.ResponseWriter, r *http.Request) {
		q := strings.ToLower(strings.TrimSpace(r.URL.Query().Get("q")))
		if q == "" || len(q) > 64 {
			answer(w, http.StatusBadRequest, map[string]string{"error": "q"})
			return
		}
		rows, err := reader.Query(r.Context(), search, q, q+"\U0010FFFF")
		if err == nil {
			var terms []term
			if terms, err = pgx.CollectRows(rows, pgx.RowToStructByPos[term]); err == nil {
				answer(w, http.StatusOK, searchResult{terms})
				return
			}
		}
		answer(w, http.StatusInternalServerError, map[string]string{"error": err.Error()})
	})

	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("APP_PORT"), nil))
}
