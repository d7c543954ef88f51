//! The front: any HTTP request reaches the function as an event, and its answer comes back.
