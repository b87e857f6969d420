// Package copier does the work of copy Jobs, whose simulated pods run no container.
//
// A copy pod belongs to a Job and has the claims of two volumes named `source` and `target`. While it is
// Running, the copier copies folder to folder, adding and replacing files, and then ends the pod's containers
// with a termination message of one line, in which a digest is what this prints in a folder:
//
//	find . -type f | LC_ALL=C sort | xargs -r -d '\n' sha256sum | sha256sum
//
//	source=sha256:DIGEST target=sha256:DIGEST files=NUMBER bytes=NUMBER
//
// Like a container that its node starts again, a copy that a killed copier left starts from its beginning.
package copier

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/retry"

	"wellhead.dev/controlplane/csi/folders"
	"wellhead.dev/controlplane/csi/sidecars"
)

// copier follows the pods of the cluster.
type copier struct {
	client kubernetes.Interface
	roots  map[string]string // folder of each CSI driver, by its name
	faults string            // folder with faults

	mu      sync.Mutex
	running map[types.UID]context.CancelFunc
}

// Run is the main function; it returns the exit code.
func Run(name string, args []string) int {
	flags := flag.NewFlagSet(name, flag.ExitOnError)
	kubeconfig := flags.String("kubeconfig", "", "how to reach the API server")
	health := flags.String("health", "", "`ADDRESS` that answers GET /healthz")
	c := &copier{roots: map[string]string{}, running: map[types.UID]context.CancelFunc{}}
	flags.StringVar(&c.faults, "faults", "", "folder with a file for each fault")
	flags.Func("driver", "`NAME=FOLDER` of a CSI driver; may be repeated", func(text string) error {
		parsed, err := folders.ParseRoot(text)
		maps.Copy(c.roots, parsed)
		return err
	})
	_ = flags.Parse(args) // ends the process itself
	if err := c.run(*kubeconfig, *health); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		return 1
	}
	return 0
}

func (c *copier) run(kubeconfig, health string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	config.QPS, config.Burst = 200, 400
	if c.client, err = kubernetes.NewForConfig(config); err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(c.client, 0)
	pods := factory.Core().V1().Pods().Informer()
	_, err = pods.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { c.see(object) },
		UpdateFunc: func(_, object any) { c.see(object) },
		DeleteFunc: func(object any) { c.gone(object) },
	})
	if err != nil {
		return err
	}
	factory.Start(context.Background().Done())
	return sidecars.ServeHealth(health, pods.HasSynced)
}

// see starts the copy of a pod that runs, and ends that of one that shall not run any more.
func (c *copier) see(object any) {
	pod, ok := object.(*corev1.Pod)
	if !ok || !copies(pod) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	cancel, started := c.running[pod.UID]
	switch {
	case pod.DeletionTimestamp != nil && started:
		cancel()
	case pod.DeletionTimestamp == nil && pod.Status.Phase == corev1.PodRunning && !started:
		ctx, cancel := context.WithCancel(context.Background())
		c.running[pod.UID] = cancel
		go c.carryOut(ctx, pod.DeepCopy())
	}
}

func (c *copier) gone(object any) {
	if last, ok := object.(cache.DeletedFinalStateUnknown); ok {
		object = last.Obj
	}
	if pod, ok := object.(*corev1.Pod); ok {
		c.mu.Lock()
		defer c.mu.Unlock()
		if cancel, ok := c.running[pod.UID]; ok {
			cancel()
			delete(c.running, pod.UID)
		}
	}
}

// copies tells whether a pod is a copy Job's. The stage `pod-complete` has the same condition.
func copies(pod *corev1.Pod) bool {
	owner := metav1.GetControllerOf(pod)
	return owner != nil && owner.Kind == "Job" && claimOf(pod, "source") != "" && claimOf(pod, "target") != ""
}

func claimOf(pod *corev1.Pod, volume string) string {
	for _, one := range pod.Spec.Volumes {
		if one.Name == volume && one.PersistentVolumeClaim != nil {
			return one.PersistentVolumeClaim.ClaimName
		}
	}
	return ""
}

// carryOut copies, and ends the pod.
func (c *copier) carryOut(ctx context.Context, pod *corev1.Pod) {
	ended, err := c.copy(ctx, pod)
	if errors.Is(err, context.Canceled) {
		return
	}
	if err != nil {
		ended = ending{code: 1, message: err.Error()}
	}
	fmt.Fprintf(os.Stderr, "%s/%s: exit code %d: %s\n", pod.Namespace, pod.Name, ended.code, ended.message)
	if err := c.end(ctx, pod, ended); err != nil {
		fmt.Fprintf(os.Stderr, "%s/%s: cannot write its status: %v\n", pod.Namespace, pod.Name, err)
	}
}

func (c *copier) copy(ctx context.Context, pod *corev1.Pod) (ending, error) {
	source, err := c.folderOf(ctx, pod.Namespace, claimOf(pod, "source"))
	if err != nil {
		return ending{}, err
	}
	target, err := c.folderOf(ctx, pod.Namespace, claimOf(pod, "target"))
	if err != nil {
		return ending{}, err
	}
	return copyFolder(ctx, source, target, takeFault(c.faults, pod.Namespace+"/"+pod.Name))
}

// folderOf finds the folder behind a claim.
func (c *copier) folderOf(ctx context.Context, namespace, name string) (string, error) {
	claim, err := c.client.CoreV1().PersistentVolumeClaims(namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return "", err
	}
	volume, err := c.client.CoreV1().PersistentVolumes().Get(ctx, claim.Spec.VolumeName, metav1.GetOptions{})
	if err != nil {
		return "", err
	}
	if volume.Spec.HostPath != nil {
		return volume.Spec.HostPath.Path, nil
	}
	if csi := volume.Spec.CSI; csi != nil && c.roots[csi.Driver] != "" {
		return folders.DataFolder(c.roots[csi.Driver], filepath.Base(csi.VolumeHandle)), nil
	}
	return "", fmt.Errorf("volume %s of claim %s is no folder", volume.Name, name)
}

// end writes that every container has ended.
func (c *copier) end(ctx context.Context, pod *corev1.Pod, ended ending) error {
	return retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		present, err := c.client.CoreV1().Pods(pod.Namespace).Get(ctx, pod.Name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		if present.UID != pod.UID {
			return fmt.Errorf("another pod has its name")
		}
		now := metav1.Now()
		present.Status.Phase = corev1.PodSucceeded
		reason := "Completed"
		if ended.code != 0 {
			present.Status.Phase, reason = corev1.PodFailed, "Error"
		}
		for index := range present.Status.ContainerStatuses {
			one := &present.Status.ContainerStatuses[index]
			started := now
			if running := one.State.Running; running != nil {
				started = running.StartedAt
			}
			one.Ready, one.Started = false, new(bool)
			one.State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
				ExitCode: ended.code, Reason: reason, Message: ended.message, StartedAt: started, FinishedAt: now,
			}}
		}
		for index := range present.Status.Conditions {
			switch one := &present.Status.Conditions[index]; one.Type {
			case corev1.PodReady, corev1.ContainersReady:
				one.Status, one.Reason, one.LastTransitionTime = corev1.ConditionFalse, "PodCompleted", now
			}
		}
		_, err = c.client.CoreV1().Pods(pod.Namespace).UpdateStatus(ctx, present, metav1.UpdateOptions{})
		return err
	})
}
