package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sync/atomic"
)

type R struct{ client.Client }

var done atomic.Int64
var gvk = schema.GroupVersionKind{Group: os.Getenv("GROUP"), Version: os.Getenv("VERSION"), Kind: os.Getenv("KIND")}

func (r *R) Reconcile(ctx context.Context, q ctrl.Request) (ctrl.Result, error) {
	u := &unstructured.Unstructured{}
	u.SetGroupVersionKind(gvk)
	if err := r.Get(ctx, q.NamespacedName, u); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if g, _, _ := unstructured.NestedInt64(u.Object, "status", "observedGeneration"); g == u.GetGeneration() {
		return ctrl.Result{}, nil
	}
	p := &unstructured.Unstructured{Object: map[string]any{"status": map[string]any{"observedGeneration": u.GetGeneration(),
		"conditions": []any{map[string]any{"type": "Ready", "status": "True", "reason": "Succeeded", "message": "", "lastTransitionTime": time.Now().UTC().Format(time.RFC3339)}},
		"quota":      map[string]any{"recipientsPerDay": int64(500), "used": int64(0)}}}}
	p.SetGroupVersionKind(gvk)
	p.SetName(u.GetName())
	p.SetNamespace(u.GetNamespace())
	if err := r.Status().Patch(ctx, p, client.Apply, client.FieldOwner("peer"), client.ForceOwnership); err != nil {
		return ctrl.Result{}, err
	}
	done.Add(1)
	return ctrl.Result{}, nil
}
func main() {
	n, _ := strconv.ParseInt(os.Args[1], 10, 64)
	conc, _ := strconv.Atoi(os.Args[2])
	log.SetLogger(zap.New(zap.UseDevMode(false)))
	cfg := ctrl.GetConfigOrDie()
	cfg.QPS = -1
	m, err := ctrl.NewManager(cfg, ctrl.Options{})
	if err != nil {
		panic(err)
	}
	u := &unstructured.Unstructured{}
	u.SetGroupVersionKind(gvk)
	if err := ctrl.NewControllerManagedBy(m).For(u).WithOptions(controller.Options{MaxConcurrentReconciles: conc}).Complete(&R{m.GetClient()}); err != nil {
		panic(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	t0 := time.Now()
	go func() {
		for done.Load() < n {
			time.Sleep(20 * time.Millisecond)
		}
		s := time.Since(t0).Seconds()
		b, _ := os.ReadFile("/proc/self/status")
		fmt.Printf("controller-runtime: %d reconciled in %.1fs = %.0f/s\n%s", n, s, float64(n)/s, grep(string(b)))
		time.Sleep(500 * time.Millisecond)
		cancel()
	}()
	m.Start(ctx)
}
func grep(s string) string {
	out := ""
	for _, l := range splitLines(s) {
		if len(l) > 5 && (l[:5] == "VmRSS" || l[:5] == "VmHWM") {
			out += l + "\n"
		}
	}
	return out
}
func splitLines(s string) []string {
	var r []string
	cur := ""
	for _, c := range s {
		if c == '\n' {
			r = append(r, cur)
			cur = ""
		} else {
			cur += string(c)
		}
	}
	return r
}
