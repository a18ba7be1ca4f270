import{y as t}from"./index-Da8hRXYH.js";function i(i){return i.startsWith("/")?("web"===t.name?location.origin:"")+i:i}export{i as p};
